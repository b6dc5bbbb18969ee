#!/usr/bin/env bash
# Applies a resource backup in its order. The API server is asked first what it thinks of all of it (a dry run on the server):
# half a backup is worse than a clear no. Namespaces and definitions come before: the others cannot be judged without them.
# RESOURCES: the file that back-up-resources.sh made. DRY_RUN=only: nothing is applied, namespaces neither.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need RESOURCES

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The file is YAML whose documents are JSON each.
grep -v '^---$' "$RESOURCES" >"$work/objects.json" || true
select_in() { # select_in FILTER FILE: documents, in their order
  jq "select($1)" "$work/objects.json" >"$2"
}
first='.kind == "Namespace" or .kind == "CustomResourceDefinition"'
select_in "$first" "$work/first.json"
select_in "($first) | not" "$work/rest.json"

count=$(jq -s length "$work/objects.json")
if [[ ! -s "$work/rest.json" ]]; then
  tell "the backup has $count objects and no workload, expected a backup that is not empty"
  exit "$empty_backup"
fi

try() { # try HOW FILE: a dry run; what the server refuses is told, line by line
  if ! kubectl apply --dry-run="$1" -f "$2" >/dev/null 2>"$work/refused"; then
    tell "a dry run ($1) refused the backup, and nothing of it was applied:"
    while read -r line; do tell "$line"; done < <(head -n 20 "$work/refused")
    exit 1
  fi
}

if [[ "${DRY_RUN:-}" == only ]]; then
  [[ ! -s "$work/first.json" ]] || try server "$work/first.json"
  missing=$(jq -rs '[.[].metadata.namespace // empty] | unique | .[]' "$work/rest.json" |
    while read -r namespace; do
      kubectl get namespace "$namespace" --ignore-not-found -o name </dev/null | grep -q . || printf '%s ' "$namespace"
    done)
  if [[ -n "$missing" ]]; then
    try client "$work/rest.json"
    tell "$count objects: namespaces ${missing% } are not there, so that the server judged no more than namespaces and definitions"
  else
    try server "$work/rest.json"
    tell "$count objects would be applied"
  fi
  exit 0
fi

if [[ -s "$work/first.json" ]]; then
  try server "$work/first.json"
  kubectl apply -f "$work/first.json"
  definitions=$(jq -r 'select(.kind == "CustomResourceDefinition") | "crd/" + .metadata.name' "$work/first.json")
  for definition in $definitions; do kubectl wait --for=condition=Established --timeout=60s "$definition"; done
fi
try server "$work/rest.json"
kubectl apply -f "$work/rest.json"
tell "$count objects of the resource backup were applied"
