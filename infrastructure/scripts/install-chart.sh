#!/usr/bin/env bash
# Installs the application's chart, and waits as Helm 3 did: what custom resources are ready for is not Helm's to know. A helm that
# died with the region leaves its release in pending-*, and every later one refuses to begin: that is put right first, as a step of its own.
# CHART: a file. RELEASE, NAMESPACE. VALUES: a file; empty: the chart's own.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need CHART RELEASE NAMESPACE
: "${TIMEOUT:=20m}"

if [[ ! -f "$CHART" ]]; then
  tell "chart $CHART is not there, expected the packaged chart"
  exit "$wrong_input"
fi

status() { # of the release; empty where there is none
  helm status "$RELEASE" --namespace "$NAMESPACE" --output json 2>/dev/null | jq -r '.info.status' || true
}

before=$(status)
if [[ "$before" == pending-* ]]; then
  # A revision that was deployed once; the one that hangs is none.
  good=$(helm history "$RELEASE" --namespace "$NAMESPACE" --output json |
    jq -r '[.[] | select(.status == "deployed" or .status == "superseded") | .revision] | max // empty')
  if [[ -n "$good" ]]; then
    helm rollback "$RELEASE" "$good" --namespace "$NAMESPACE" --wait=legacy --timeout "$TIMEOUT"
    tell "release $RELEASE was $before: rolled back to revision $good, which was deployed"
  else
    helm uninstall "$RELEASE" --namespace "$NAMESPACE" --wait=legacy --timeout "$TIMEOUT"
    tell "release $RELEASE was $before and never deployed: uninstalled"
  fi
  now=$(status)
  if [[ "$now" == pending-* ]]; then
    tell "release $RELEASE is still $now, expected deployed or none: a person has to look"
    exit "$release_stuck"
  fi
fi

values=()
[[ -z "${VALUES:-}" ]] || values=(--values "$VALUES")
helm upgrade --install "$RELEASE" "$CHART" --namespace "$NAMESPACE" --create-namespace \
  --wait=legacy --timeout "$TIMEOUT" "${values[@]}"

after=$(status)
if [[ "$after" != deployed ]]; then
  tell "release $RELEASE is ${after:-not there} after it was installed, expected deployed"
  exit 1
fi
tell "release $RELEASE of $(basename "$CHART") is deployed"
