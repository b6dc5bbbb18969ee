#!/usr/bin/env bash
# Installs the application's chart, and waits as Helm 3 did: what custom resources are ready for is not Helm's to know. A helm that
# died with the region leaves its release in pending-*, and every later one refuses to begin: that is put right first, as a step of its own.
# CHART: a file. RELEASE, NAMESPACE. VALUES: a file; empty: the chart's own. DRY_RUN=only: nothing is installed, and no server is asked; what it would
# pull is written to IMAGES, a line each, as readiness reads it.
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

if [[ "${DRY_RUN:-}" == only ]]; then
  need IMAGES
  trying "chart $(basename "$CHART") makes nothing of its values" \
    helm template "$RELEASE" "$CHART" --namespace "$NAMESPACE" "${values[@]}" >"$work/made.yaml"
  { grep -Eo '^[ -]*image: *[^ #]+' "$work/made.yaml" || true; } |
    sed -E "s/^[ -]*image: *//; s/^[\"']//; s/[\"']\$//; s/.*/\"image\": \"&\"/" | sort -u >"$IMAGES"
  tell "chart $(basename "$CHART") pulls $(wc -l <"$IMAGES") images"
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

before=$(status)
# A helm that died while it took a release away leaves it in uninstalling, and no later one begins either.
if [[ "$before" == pending-* || "$before" == uninstalling ]]; then
  # A revision that was deployed once; the one that hangs is none.
  good=$(trying "the history of release $RELEASE is not known" helm history "$RELEASE" --namespace "$NAMESPACE" --output json |
    jq -r '[.[] | select(.status == "deployed" or .status == "superseded") | .revision] | max // empty')
  if [[ -n "$good" ]]; then
    trying "release $RELEASE was $before, and could not be rolled back to revision $good" \
      helm rollback "$RELEASE" "$good" --namespace "$NAMESPACE" --wait=legacy --timeout "$TIMEOUT"
    tell "release $RELEASE was $before: rolled back to revision $good, which was deployed"
  else
    trying "release $RELEASE was $before and never deployed, and could not be uninstalled" \
      helm uninstall "$RELEASE" --namespace "$NAMESPACE" --wait=legacy --timeout "$TIMEOUT"
    tell "release $RELEASE was $before and never deployed: uninstalled"
  fi
  now=$(status)
  if [[ "$now" == pending-* || "$now" == uninstalling ]]; then
    tell "release $RELEASE is still $now, expected deployed or none: a person has to look"
    exit "$release_stuck"
  fi
fi

trying "release $RELEASE was not installed" \
  helm upgrade --install "$RELEASE" "$CHART" --namespace "$NAMESPACE" --create-namespace --wait=legacy --timeout "$TIMEOUT" "${values[@]}"

after=$(status)
if [[ "$after" != deployed ]]; then
  tell "release $RELEASE is ${after:-not there} after it was installed, expected deployed"
  exit 1
fi
tell "release $RELEASE of $(basename "$CHART") is deployed"
