#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A bill of materials is SPDX 2.3, as its specification says (https://spdx.github.io/spdx-spec/v2.3/), and tells the truth of
the packages: spdx.py FILE [FOLDER]. Debian has no program that checks it; where pyspdxtools is installed, that is asked too."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

ELEMENT = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
CREATOR = re.compile(r"(Tool|Person|Organization): \S.*")
CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
LOCATION = re.compile(r"NONE|NOASSERTION|(?:git\+)?[a-z]+://\S+")
# Of clause 11.1, those that this project has a use for.
RELATIONS = {"DESCRIBES", "CONTAINS", "DEPENDS_ON", "GENERATED_FROM", "STATIC_LINK", "DYNAMIC_LINK"}
CATEGORIES = {"SECURITY", "PACKAGE-MANAGER", "PERSISTENT-ID", "OTHER"}
LENGTHS = {"SHA1": 40, "SHA256": 64, "SHA512": 128}
LICENCES = {"GPL-2.0-only", "MIT", "NOASSERTION", "NONE"}
PURL = re.compile(r"pkg:[a-z]+/[^@\s]+@[^@\s]+")
problems = []


def require(fact, *words):
    if not fact:
        problems.append(" ".join(map(str, words)))
    return fact


def has(thing, where, *keys):
    return all([require(thing.get(key) not in (None, "", []), where, "has no", key) for key in keys])


def check_sums(thing, where):
    for one in thing.get("checksums", []):
        length = LENGTHS.get(one.get("algorithm"))
        require(length and re.fullmatch("[0-9a-f]{%d}" % length, one.get("checksumValue", "")), where, "has the checksum", one)


def check_document(bill):
    require(bill.get("spdxVersion") == "SPDX-2.3", "spdxVersion is", bill.get("spdxVersion"))
    require(bill.get("dataLicense") == "CC0-1.0", "dataLicense is", bill.get("dataLicense"))
    require(bill.get("SPDXID") == "SPDXRef-DOCUMENT", "SPDXID is", bill.get("SPDXID"))
    has(bill, "the document", "name", "documentNamespace", "creationInfo", "packages", "relationships")
    require(re.fullmatch(r"[a-z][a-z0-9+.-]*:[^#\s]+", bill.get("documentNamespace", "")), "documentNamespace is no URI without #")
    made = bill.get("creationInfo", {})
    require(CREATED.fullmatch(made.get("created", "")), "created is", made.get("created"))
    require(made.get("creators") and all(CREATOR.fullmatch(one) for one in made["creators"]), "creators are", made.get("creators"))


def check_package(package, files, contained):
    where = package.get("name", "a package")
    if not has(package, where, "SPDXID", "name", "downloadLocation"):
        return
    require(LOCATION.fullmatch(package["downloadLocation"]), where, "comes from", package["downloadLocation"])
    check_sums(package, where)
    for key in ("licenseConcluded", "licenseDeclared"):
        require(package.get(key, "NOASSERTION") in LICENCES, where, "has", key, package.get(key))
    for ref in package.get("externalRefs", []):
        require(ref.get("referenceCategory") in CATEGORIES and PURL.fullmatch(ref.get("referenceLocator", "")), where, "refers to", ref)
    inside = [files[name] for name in contained.get(package["SPDXID"], ()) if name in files]
    if package.get("filesAnalyzed", True):
        sums = sorted(one["checksumValue"] for file in inside for one in file["checksums"] if one["algorithm"] == "SHA1")
        code = package.get("packageVerificationCode", {}).get("packageVerificationCodeValue")
        require(inside and code == hashlib.sha1("".join(sums).encode()).hexdigest(), where, "has the wrong verification code")
    else:
        require(not inside and "packageVerificationCode" not in package, where, "has files, though they were not analyzed")


def check_file(file):
    where = file.get("fileName", "a file")
    has(file, where, "SPDXID", "fileName", "checksums")
    require(where.startswith("./"), where, "is no relative path")
    require(any(one.get("algorithm") == "SHA1" for one in file.get("checksums", [])), where, "has no SHA1")
    check_sums(file, where)


def check_relations(bill, known):
    described = set()
    for one in bill["relationships"]:
        ends = one.get("spdxElementId"), one.get("relatedSpdxElement")
        require(one.get("relationshipType") in RELATIONS and known.issuperset(ends), "a relationship is wrong:", one)
        if one.get("relationshipType") == "DESCRIBES":
            described.add(ends[1])
    require(described, "nothing is described")


def check_truth(bill, folder):
    """Each .deb that is shipped is described, under its sum."""
    described = {package.get("packageFileName"): package for package in bill["packages"]}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".deb") and "-dbgsym_" not in name:
            with open(os.path.join(folder, name), "rb") as file:
                sums = hashlib.sha256(file.read()).hexdigest()
            there = [one["checksumValue"] for one in described.get(name, {}).get("checksums", [])]
            require(there == [sums], name, "is described with the sums", there)


def main():
    with open(sys.argv[1]) as file:
        bill = json.load(file)
    check_document(bill)
    if not problems:
        files = {file.get("SPDXID"): file for file in bill.get("files", [])}
        names = ["SPDXRef-DOCUMENT"] + [one.get("SPDXID", "") for one in bill["packages"] + bill.get("files", [])]
        require(len(set(names)) == len(names), "an SPDXID is there twice")
        require(all(ELEMENT.fullmatch(name) for name in names), "an SPDXID is none")
        contained = {}
        for one in bill["relationships"]:
            if one.get("relationshipType") == "CONTAINS":
                contained.setdefault(one["spdxElementId"], []).append(one["relatedSpdxElement"])
        for file in bill.get("files", []):
            check_file(file)
        for package in bill["packages"]:
            check_package(package, files, contained)
        check_relations(bill, set(names))
        if len(sys.argv) > 2:
            check_truth(bill, sys.argv[2])
    if shutil.which("pyspdxtools"):
        done = subprocess.run(["pyspdxtools", "--infile", sys.argv[1]], capture_output=True, text=True)
        require(not done.returncode, done.stdout + done.stderr)
    print("\n".join(problems[:20]))
    return bool(problems)


sys.exit(main())
