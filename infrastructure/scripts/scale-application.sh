#!/usr/bin/env bash
# Gives deployments as many replicas as the plan wants, and never fewer than they have.
# DEPLOYMENTS: `namespace name replicas` of each, separated by semicolons.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need DEPLOYMENTS

failed=0
while read -r namespace name replicas; do
  [[ -n "$namespace" ]] || continue
  # Without the loop's input: kubectl would read the others. One that is not there costs itself: the others are scaled, and the script fails.
  if ! has=$(trying "deployment $namespace/$name could not be looked at" \
    kubectl --namespace "$namespace" get deployment "$name" --output 'jsonpath={.spec.replicas}' </dev/null); then
    failed=1
  elif ((has >= replicas)); then
    tell "deployment $namespace/$name has $has replicas, $replicas are wanted"
  elif trying "deployment $namespace/$name was not scaled to $replicas" \
    kubectl --namespace "$namespace" scale deployment "$name" --replicas="$replicas" </dev/null; then
    tell "deployment $namespace/$name was scaled from $has to $replicas replicas"
  else
    failed=1
  fi
done < <(tr ';' '\n' <<<"$DEPLOYMENTS")
exit "$failed"
