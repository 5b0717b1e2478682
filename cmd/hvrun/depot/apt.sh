#!/bin/bash
# apt.sh opens every script of the depot. They are called as SCRIPT WORK OUT:
# a folder to work in and the folder to make. Apt works with a folder of its
# own, WORK/apt, and checks signatures and sums as always; the machine's own
# sources stay as they are, nothing is installed and no root is needed.
set -euo pipefail
work=$1 out=$2

# The machine's own mirror, if it names one that has Debian proper.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^[[:space:]]*#' |
	grep -oE '(https?|mirror\+file)://[^] ]+/debian/?([[:space:]]|$)' | head -1 | sed 's/[[:space:]]*$//') || true
main=http://deb.debian.org/debian # asked when the machine's own mirror lacks something
mirror=${mirror:-$main}
key=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$key" ] || key=/usr/share/keyrings/debian-archive-keyring.pgp

mkdir -p "$work"/apt/{lists,cache/archives}/partial
cat >"$work/apt/apt.conf" <<EOF
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::State::lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
APT::Sandbox::User "";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
EOF
apt() { "apt-$1" -c "$work/apt/apt.conf" "${@:2}"; }

# indexes MIRROR: reads its indexes.
indexes() {
	echo "reading the package indexes of $1"
	cat >"$work/apt/sources.list" <<-EOF
		deb [arch=amd64 signed-by=$key] $1 bookworm main
	EOF
	apt get update -o APT::Update::Error-Mode=any
}
