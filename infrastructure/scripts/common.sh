# What the scripts beside this one share: they stop at the first failure, ask for what they need, and say what people read.
# shellcheck shell=bash
set -euo pipefail

# Ends of a script that mean something to the step that started the build (functions/kinds/eks-cluster/builds.ts).
# shellcheck disable=SC2034
readonly more_than_creates=20 empty_backup=21 names_lost_region=22 release_stuck=23 state_locked=24 source_stopped=25 token_refused=26 data_at_stake=27 wrong_input=64

# The file whose lines reach the record and the page of people.
: "${TOLD:=told.txt}"

# One line for people: on the log, and in what the step reads.
tell() {
  printf '%s\n' "$*" | tee -a "$TOLD"
}

# trying WHAT COMMAND...: runs it. Of one that fails people read what it was for, and the line of its errors that says most.
trying() {
  local what=$1 status=0 errors line
  shift
  errors=$(mktemp)
  "$@" 2>"$errors" || status=$?
  cat "$errors" >&2
  if ((status != 0)); then
    line=$(grep -m 1 -o 'Error: .*' "$errors" || grep -m 1 -i error "$errors" || tail -n 1 "$errors")
    tell "$what: $(cut -c 1-300 <<<"${line:-the log says why}")" >&2 # what it wrote may be read by somebody
  fi
  rm -f "$errors"
  return "$status"
}

# secrets_in FILE: namespace/name of each secret that something in it needs, separated by spaces.
secrets_in() {
  jq -r '
    (.metadata.namespace // "-") as $namespace
    | .. | objects
    | ((.secretKeyRef?, .secretRef? | objects | select(.optional != true) | .name),
       (select(.optional != true) | .secretName? | strings), (.imagePullSecrets? | arrays | .[].name?))
    | select(type == "string") | "\($namespace)/\(.)"' "$1" | sort -u | paste -sd ' ' -
}

# checked WHAT KEY FILE SUM: what was brought from the bucket is what the plan says, or nobody uses it.
checked() {
  if ! printf '%s  %s\n' "$4" "$3" | sha256sum --check --status; then
    tell "$1: s3://$BUCKET/$2 has the checksum $(sha256sum "$3" | cut -d ' ' -f 1), expected $4, as the plan says"
    exit 1
  fi
}

# need NAME...: each is the name of a variable of the environment that must hold something.
need() {
  local name
  for name in "$@"; do
    if [[ -z "${!name:-}" ]]; then
      tell "$(basename "$0"): $name is missing, expected in the environment"
      exit "$wrong_input"
    fi
  done
}
