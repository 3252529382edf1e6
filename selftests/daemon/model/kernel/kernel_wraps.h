/* SPDX-License-Identifier: GPL-2.0-only */
/* Replacements of library functions (-Wl,--wrap; model.mk). */
#ifndef SLASH64_MODEL_KERNEL_WRAPS_H
#define SLASH64_MODEL_KERNEL_WRAPS_H

#include <bpf/bpf.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct counters_rate;
struct mnl_socket;
struct own_list;
struct statfs;
struct maps;

int __wrap_bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_bytes,
			  __u32 value_bytes, __u32 entries, const struct bpf_map_create_opts *opts);
int __wrap_bpf_obj_pin(int fd, const char *path);
int __wrap_bpf_obj_get(const char *path);
int __wrap_bpf_obj_get_info_by_fd(int fd, void *out, __u32 *bytes);
int __wrap_rename(const char *from, const char *to);
int __wrap_libbpf_num_possible_cpus(void);
int __wrap_statfs(const char *path, struct statfs *out);
struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags);
int __wrap_mnl_socket_close(struct mnl_socket *socket);
int __wrap_mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid);
int __wrap_mnl_socket_setsockopt(const struct mnl_socket *socket, int type, void *data,
				 socklen_t bytes);
int __wrap_mnl_socket_get_fd(const struct mnl_socket *socket);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *data, size_t bytes);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t bytes);
int __wrap_inotify_init1(int flags);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
void __wrap_counters_rate_tick(struct counters_rate *rate, const struct maps *maps, uint32_t slot);
uint64_t __wrap_program_hash(const struct maps *maps);
int __wrap_own_list_read(struct own_list *list, bool *interrupted);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *data);

#endif
