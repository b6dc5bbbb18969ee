#!/usr/bin/env bash
# Applies a resource backup in its order. The API server is asked first what it thinks of all of it (a dry run on the server):
# half a backup is worse than a clear no. Namespaces and definitions come before: the others cannot be judged without them.
# RESOURCES: the file that back-up-resources.sh made. DRY_RUN=only: nothing is applied, namespaces neither; read: there is no server, and the
# file is only read. Applied on the server's side: the annotation that kubectl writes otherwise has no room for a large definition.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need RESOURCES

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The file is YAML whose documents are JSON each.
grep -v '^---$' "$RESOURCES" >"$work/objects.json" || true
if ! jq -e -s 'all(.[]; (.kind | type == "string") and (.metadata.name | type == "string"))' "$work/objects.json" >/dev/null; then
  tell 'the backup cannot be read to its end, and nothing of it was applied: expected documents of JSON, each with a kind and a name'
  exit "$empty_backup"
fi
select_in() { # select_in FILTER FILE: documents, in their order
  jq "select($1)" "$work/objects.json" >"$2"
}
# CONSUMERS: `kind namespace name` of each, separated by semicolons: what works without a user is switched on by a step of the flow, when what it
# writes to has taken over, and not by a backup of a region in which it was on.
jq --arg consumers "${CONSUMERS:-}" '
  ([.kind, .metadata.namespace, .metadata.name] | IN($consumers | split(";")[] | split(" "))) as $consumes
  | if $consumes | not then . elif .kind == "CronJob" then .spec.suspend = true else .spec.replicas = 0 end
' "$work/objects.json" >"$work/idle.json"
mv "$work/idle.json" "$work/objects.json"

first='.kind == "Namespace" or .kind == "CustomResourceDefinition"'
select_in "$first" "$work/first.json"
select_in "($first) | not" "$work/rest.json"

count=$(jq -s length "$work/objects.json")
if [[ ! -s "$work/rest.json" ]]; then
  tell "the backup has $count objects and no workload, expected a backup that is not empty"
  exit "$empty_backup"
fi

how=(--server-side --force-conflicts --field-manager=breakwater)

try() { # try FILE: a dry run on the server; what it refuses is told, line by line
  if ! kubectl apply "${how[@]}" --dry-run=server -f "$1" >/dev/null 2>"$work/refused"; then
    tell 'a dry run refused the backup, and nothing of it was applied:'
    while read -r line; do tell "$line"; done < <(head -n 20 "$work/refused")
    exit 1
  fi
}

secrets_missing() { # what pods will wait for; a cluster that does not let us look is asked no further
  local one missing=() found
  for one in $(secrets_in "$work/rest.json"); do
    found=$(kubectl --namespace "${one%%/*}" get secret "${one#*/}" --ignore-not-found --output name </dev/null) || return 0
    [[ -n "$found" ]] || missing+=("$one")
  done
  ((${#missing[@]} == 0)) || tell "secrets that are not there yet, without which pods do not start: ${missing[*]}"
}

if [[ "${DRY_RUN:-}" == read ]]; then
  tell "$count objects can be read; the cluster is made on the day, so that no server was asked"
  exit 0
fi

if [[ "${DRY_RUN:-}" == only ]]; then
  [[ ! -s "$work/first.json" ]] || try "$work/first.json"
  missing=()
  for namespace in $(jq -rs '[.[].metadata.namespace // empty] | unique | .[]' "$work/rest.json"); do
    found=$(trying "namespace $namespace could not be looked at" kubectl get namespace "$namespace" --ignore-not-found --output name </dev/null)
    [[ -n "$found" ]] || missing+=("$namespace")
  done
  if ((${#missing[@]} > 0)); then
    tell "$count objects: namespaces ${missing[*]} are not there, so that the server judged no more than namespaces and definitions"
  else
    try "$work/rest.json"
    secrets_missing
    tell "$count objects would be applied"
  fi
  exit 0
fi

if [[ -s "$work/first.json" ]]; then
  try "$work/first.json"
  trying 'namespaces and definitions were not applied' kubectl apply "${how[@]}" -f "$work/first.json"
  definitions=$(jq -r 'select(.kind == "CustomResourceDefinition") | "crd/" + .metadata.name' "$work/first.json")
  for definition in $definitions; do
    trying "$definition is not taken" kubectl wait --for=condition=Established --timeout=60s "$definition"
  done
fi
try "$work/rest.json"
secrets_missing
trying 'the resource backup was applied in part' kubectl apply "${how[@]}" -f "$work/rest.json"
empty=$(jq -r 'select(.kind == "PersistentVolumeClaim") | "\(.metadata.namespace)/\(.metadata.name)"' "$work/rest.json" | paste -sd ' ' -)
[[ -z "$empty" ]] || tell "volumes that start EMPTY: $empty"
tell "$count objects of the resource backup were applied"
