#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The bill of materials of build/deb, as SPDX 2.3: each package with its sum and its files, and what it depends on, in the
versions that this system has. The same for the same packages. sbom.py FILE"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DEBS = os.path.join(ROOT, "build", "deb")


def said(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def digest(path, kind):
    with open(path, "rb") as file:
        return hashlib.new(kind, file.read()).hexdigest()


def identifier(*words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(words))


def files_of(name, deb):
    """What the package installs, each with its sums."""
    with tempfile.TemporaryDirectory() as tree:
        said("dpkg-deb", "-x", deb, tree)
        for folder, _, names in sorted(os.walk(tree)):
            for one in sorted(names):
                path = os.path.join(folder, one)
                if os.path.islink(path):
                    continue
                inside = os.path.relpath(path, tree)
                yield {"SPDXID": identifier("File", name, inside), "fileName": "./" + inside,
                       "checksums": [{"algorithm": "SHA1", "checksumValue": digest(path, "sha1")},
                                     {"algorithm": "SHA256", "checksumValue": digest(path, "sha256")}],
                       "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION"}


def needed(deb):
    """(name, version here) of what it depends on; of alternatives the first that is installed."""
    depends = said("dpkg-deb", "-f", deb, "Depends") + ", " + said("dpkg-deb", "-f", deb, "Built-Using")
    for group in filter(None, (word.strip() for word in depends.split(","))):
        for name in (re.split(r"[ (:]", choice.strip())[0] for choice in group.split("|")):
            found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True)
            if not found.returncode and found.stdout:
                yield name, found.stdout
                break


def bill():
    version = said("dpkg-parsechangelog", "-S", "Version")
    packages, files, relations = [], [], []
    libraries = {}
    for deb in sorted(name for name in os.listdir(DEBS) if name.endswith(".deb") and "-dbgsym_" not in name):
        path = os.path.join(DEBS, deb)
        name = deb.split("_")[0]
        own = identifier("Package", name)
        inside = list(files_of(name, path))
        sums = sorted(file["checksums"][0]["checksumValue"] for file in inside)
        packages.append({"SPDXID": own, "name": name, "versionInfo": version, "packageFileName": deb,
                         "supplier": "NOASSERTION", "downloadLocation": "NOASSERTION", "filesAnalyzed": True,
                         "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()},
                         "checksums": [{"algorithm": "SHA256", "checksumValue": digest(path, "sha256")}],
                         "licenseConcluded": "GPL-2.0-only", "licenseDeclared": "GPL-2.0-only",
                         "licenseInfoFromFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION"})
        files += inside
        relations.append(("SPDXRef-DOCUMENT", "DESCRIBES", own))
        relations += [(own, "CONTAINS", file["SPDXID"]) for file in inside]
        for library, there in needed(path):
            if not library.startswith("slash64"):
                libraries[library] = there
                relations.append((own, "DEPENDS_ON", identifier("Package", library)))
    for library, there in sorted(libraries.items()):
        packages.append({"SPDXID": identifier("Package", library), "name": library, "versionInfo": there,
                         "supplier": "NOASSERTION", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
                         "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
                         "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                           "referenceLocator": "pkg:deb/debian/%s@%s" % (library, there.replace(":", "%3A"))}]})
    made = said("date", "-u", "-d", said("dpkg-parsechangelog", "-S", "Date"), "+%Y-%m-%dT%H:%M:%SZ")
    whole = hashlib.sha256("".join(package.get("checksums", [{}])[0].get("checksumValue", "") for package in packages).encode())
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "slash64-" + version,
            "documentNamespace": "urn:slash64:%s:%s" % (version, whole.hexdigest()),
            "creationInfo": {"created": made, "creators": ["Tool: slash64-sbom-" + version]},
            "packages": packages, "files": files,
            "relationships": [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations]}


def main():
    try:
        text = json.dumps(bill(), indent=1, sort_keys=True) + "\n"
        os.makedirs(os.path.dirname(os.path.abspath(sys.argv[1])), exist_ok=True)
        with open(sys.argv[1], "w") as out:
            out.write(text)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit("sbom.py: %s; 'make deb' comes first" % error)
    print(os.path.relpath(sys.argv[1]))


main()
