// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

static FILE *json;
static bool first = true;
static unsigned int goals, met;

void fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "bench: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double median(double *values, int count)
{
	qsort(values, count, sizeof(*values), ascending);
	return values[count / 2];
}

void table_open(const char *path)
{
	json = fopen(path, "w");
	if (!json)
		fail("cannot write %s: %s", path, strerror(errno));
	fprintf(json, "[");
	setvbuf(stdout, NULL, _IOLBF, 0);
}

void table_heading(const char *text)
{
	printf("\n%-62s %12s %8s %8s\n", text, "MEASURED", "MUST", "REACH");
}

static void write_name(const char *name)
{
	fprintf(json, "%s\n{\"case\":\"%s\"", first ? "" : ",", name);
	first = false;
}

void table_figure(const char *name, double value, const char *unit, double must, double reach,
		  bool more)
{
	bool good = more ? value >= must : value <= must;
	bool best = more ? value >= reach : value <= reach;
	char text[32];

	snprintf(text, sizeof(text),
		 value < 10   ? "%.2f %s" :
		 value < 1000 ? "%.1f %s" :
				"%.0f %s",
		 value, unit);
	printf("%-62s %12s", name, text);
	if (must)
		printf(" %8.4g %8.4g  %s", must, reach, best ? "reached" : good ? "met" : "MISSED");
	printf("\n");
	write_name(name);
	fprintf(json, ",\"value\":%.6g,\"unit\":\"%s\"", value, unit);
	if (must) {
		fprintf(json, ",\"must\":%g,\"reach\":%g,\"met\":%s", must, reach,
			good ? "true" : "false");
		goals++;
		met += good;
	}
	fprintf(json, "}");
	fflush(json);
}

void table_note(const char *name, const char *text)
{
	printf("%-62s %s\n", name, text);
	write_name(name);
	fprintf(json, ",\"note\":\"%s\"}", text);
}

void table_close(void)
{
	fprintf(json, "\n]\n");
	fclose(json);
	printf("\n%u of %u goals met\n", met, goals);
}
