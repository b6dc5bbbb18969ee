#!/usr/bin/env bash
# Installs the application's chart, and waits as Helm 3 did: what custom resources are ready for is not Helm's to know. A helm that
# died with the region leaves its release in pending-*, and every later one refuses to begin: that is put right first, as a step of its own. Nothing
# that may hold data is deleted by any of it: that is for a person.
# CHART: a file. RELEASE, NAMESPACE. VALUES: a file; empty: the chart's own. DRY_RUN=only: nothing is installed, and no server is asked; what it would
# pull is written to IMAGES, a line each, as readiness reads it. CONSUMERS, as apply-resources.sh takes them: what works without a user stands still until a
# step of the flow switches it on. The chart's values have to say so: the daily look fails where they do not, and on the day it is switched off at once.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need CHART RELEASE NAMESPACE
: "${TIMEOUT:=20m}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ ! -f "$CHART" ]]; then
  tell "chart $CHART is not there, expected the packaged chart"
  exit "$wrong_input"
fi

values=()
[[ -z "${VALUES:-}" ]] || values=(--values "$VALUES")

# Of a file of YAML, those of CONSUMERS that would work: kind namespace name, a line each.
consuming_in() {
  [[ -n "${CONSUMERS:-}" ]] || return 0
  trying "what chart $(basename "$CHART") makes cannot be read" \
    kubectl label --local --filename "$1" breakwater=read --output json </dev/null >"$1.json" || return 1
  jq -r --arg namespace "$NAMESPACE" --arg consumers "$CONSUMERS" '
    (if (.items? | type) == "array" then .items[] else . end)
    | [.kind, .metadata.namespace // $namespace, .metadata.name] as $one
    | select($one | IN($consumers | split(";")[] | split(" ")))
    | select(if .kind == "CronJob" then .spec.suspend != true else (.spec.replicas // 1) != 0 end)
    | $one | join(" ")' "$1.json"
}

if [[ "${DRY_RUN:-}" == only ]]; then
  need IMAGES
  trying "chart $(basename "$CHART") makes nothing of its values" \
    helm template "$RELEASE" "$CHART" --namespace "$NAMESPACE" "${values[@]}" >"$work/made.yaml"
  { grep -Eo '^[ -]*image: *[^ #]+' "$work/made.yaml" || true; } |
    sed -E "s/^[ -]*image: *//; s/^[\"']//; s/[\"']\$//; s/.*/\"image\": \"&\"/" | sort -u >"$IMAGES"
  tell "chart $(basename "$CHART") pulls $(wc -l <"$IMAGES") images"
  works=$(consuming_in "$work/made.yaml" | paste -sd ',' -)
  if [[ -n "$works" ]]; then
    tell "chart $(basename "$CHART") starts what consumes before the database has taken over, expected suspend: true and replicas: 0 in its values: $works"
    exit "$wrong_input"
  fi
  exit 0
fi

status() { # of the release; empty where there is none. Who cannot be asked is no answer
  local said
  if said=$(helm status "$RELEASE" --namespace "$NAMESPACE" --output json 2>"$work/errors"); then
    jq -r '.info.status' <<<"$said"
  elif ! grep -q 'not found' "$work/errors"; then
    tell "how release $RELEASE stands is not known: $(tail -n 1 "$work/errors")" >&2
    return 1
  fi
}

# Of two manifests, files of YAML, what holds data in the first and is not in the second: helm would delete it. A line each: kind namespace/name.
# The API server is not asked: kubectl only reads them. What is of no group of Kubernetes' own may be a database that an operator keeps.
data_only_in() {
  local one
  for one in "$@"; do
    trying "what is in a revision of release $RELEASE cannot be read" \
      kubectl label --local --filename "$one" breakwater=read --output json </dev/null >"$one.json" || return 1
  done
  jq -nr --arg namespace "$NAMESPACE" --slurpfile before "$1.json" --slurpfile after "$2.json" '
    def objects: .[] | if (.items? | type) == "array" then .items[] else . end;
    def group: .apiVersion // "" | if contains("/") then split("/")[0] else "" end;
    def holds_data:
      (.kind | IN("PersistentVolumeClaim", "PersistentVolume", "VolumeSnapshot", "VolumeSnapshotContent", "Secret", "Namespace", "CustomResourceDefinition"))
      or (.kind == "StatefulSet" and .spec.persistentVolumeClaimRetentionPolicy.whenDeleted == "Delete")
      or (group | IN("", "apps", "batch", "autoscaling", "policy") or endswith(".k8s.io") | not);
    def kept: .metadata.annotations["helm.sh/resource-policy"] == "keep";
    def named: "\(.kind) \(.metadata.namespace // $namespace)/\(.metadata.name)";
    [$after | objects | named] as $stays
    | $before | objects | select(holds_data and (kept | not)) | named | select(IN($stays[]) | not)'
}

manifest_of() { # manifest_of REVISION FILE
  trying "revision $1 of release $RELEASE cannot be read" helm get manifest "$RELEASE" --namespace "$NAMESPACE" --revision "$1" >"$2"
}

# Ends for a person, where what comes next would delete what holds data.
keep_data() { # keep_data WHAT LINES
  [[ -n "$2" ]] || return 0
  tell "release $RELEASE: $1 would delete what may hold data, and was not begun: a person decides"
  while read -r line; do tell "$line"; done <<<"$2"
  exit "$data_at_stake"
}

revisions() { # revisions FILTER: of the release, as its history has them
  trying "the history of release $RELEASE is not known" helm history "$RELEASE" --namespace "$NAMESPACE" --output json | jq -r "$1"
}

before=$(status)
# A helm that died while it took a release away leaves it in uninstalling, and no later one begins either. No release is ever uninstalled here: its
# volume claims would go with it.
if [[ "$before" == pending-* || "$before" == uninstalling ]]; then
  # A revision that was deployed once; the one that hangs is none.
  good=$(revisions '[.[] | select(.status == "deployed" or .status == "superseded") | .revision] | max // empty')
  stuck=$(revisions '[.[].revision] | max // empty')
  if [[ -z "$stuck" || (-z "$good" && "$before" == uninstalling) ]]; then
    tell "release $RELEASE is $before and has no other revision that was deployed: nothing was done, since its volume claims may hold data: a person decides"
    exit "$data_at_stake"
  fi
  manifest_of "$stuck" "$work/stuck"
  if [[ "$before" == uninstalling ]]; then
    : >"$work/none"
    claims=$(data_only_in "$work/stuck" "$work/none" | sed -n 's/^PersistentVolumeClaim //p')
    empty=() ending=
    for claim in $claims; do
      found=$(trying "volume claim $claim could not be looked at" \
        kubectl --namespace "${claim%%/*}" get persistentvolumeclaim "${claim#*/}" --ignore-not-found --output json </dev/null)
      [[ -n "$found" ]] || empty+=("$claim")
      if [[ -n "$found" ]] && jq -e '.metadata.deletionTimestamp != null' <<<"$found" >/dev/null; then
        ending+="PersistentVolumeClaim $claim is being deleted"$'\n'
      fi
    done
    keep_data 'its removal goes on, which' "${ending%$'\n'}"
    ((${#empty[@]} == 0)) || tell "volumes that start EMPTY, since their claims are gone: ${empty[*]}"
  fi
  if [[ -n "$good" ]]; then
    manifest_of "$good" "$work/good"
    lost=$(data_only_in "$work/stuck" "$work/good")
    keep_data "it is $before; going back to revision $good" "$lost"
    trying "release $RELEASE was $before, and could not be rolled back to revision $good" \
      helm rollback "$RELEASE" "$good" --namespace "$NAMESPACE" --wait=legacy --timeout "$TIMEOUT"
    tell "release $RELEASE was $before: rolled back to revision $good, which was deployed"
  else
    # Helm adopts what it made itself. Only its note of the try that died is removed, and everything in the cluster stays.
    trying "release $RELEASE was $before and never deployed, and the note of that cannot be removed" \
      kubectl --namespace "$NAMESPACE" delete secret "sh.helm.release.v1.$RELEASE.v$stuck" </dev/null
    tell "release $RELEASE was $before and never deployed: the note of that was removed, and what it had made stays"
  fi
  before=$(status)
  if [[ "$before" == pending-* || "$before" == uninstalling ]]; then
    tell "release $RELEASE is still $before, expected deployed or none: a person has to look"
    exit "$release_stuck"
  fi
fi

# What an upgrade takes away: what stands now and is not in the chart. Of a release that is gone nothing stands.
if [[ -n "$before" && "$before" != uninstalled ]]; then
  trying "chart $(basename "$CHART") makes nothing of its values" \
    helm template "$RELEASE" "$CHART" --namespace "$NAMESPACE" --is-upgrade --dry-run=server "${values[@]}" >"$work/next"
  standing=$(revisions '[.[] | select(.status == "deployed") | .revision] + [[.[].revision] | max // empty] | unique | .[]')
  for revision in $standing; do
    manifest_of "$revision" "$work/standing"
    lost=$(data_only_in "$work/standing" "$work/next")
    keep_data "the upgrade of revision $revision" "$lost"
  done
fi

works=
if [[ -n "${CONSUMERS:-}" ]]; then
  trying "chart $(basename "$CHART") makes nothing of its values" \
    helm template "$RELEASE" "$CHART" --namespace "$NAMESPACE" "${values[@]}" >"$work/planned"
  works=$(consuming_in "$work/planned")
fi
trying "release $RELEASE was not installed" \
  helm upgrade --install "$RELEASE" "$CHART" --namespace "$NAMESPACE" --create-namespace --wait=legacy --timeout "$TIMEOUT" "${values[@]}"

# Also where the values say nothing of it. What has run meanwhile is said.
while read -r kind within name; do
  [[ -n "$kind" ]] || continue
  if [[ "$kind" == CronJob ]]; then off=(patch cronjob "$name" --type=merge --patch '{"spec": {"suspend": true}}'); else off=(scale deployment "$name" --replicas=0); fi
  trying "$kind $within/$name works before its database has taken over, and could not be switched off" \
    kubectl --namespace "$within" "${off[@]}" </dev/null >/dev/null
  tell "$kind $within/$name worked from the chart on, and was switched off: a step of the flow switches it on"
done <<<"$works"

after=$(status)
if [[ "$after" != deployed ]]; then
  tell "release $RELEASE is ${after:-not there} after it was installed, expected deployed"
  exit 1
fi
tell "release $RELEASE of $(basename "$CHART") is deployed"
