#!/usr/bin/env bash
# Gives deployments as many replicas as the plan wants, and never fewer than they have.
# DEPLOYMENTS: `namespace name replicas` of each, separated by semicolons.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need DEPLOYMENTS

while read -r namespace name replicas; do
  [[ -n "$namespace" ]] || continue
  # Without the loop's input: kubectl would read the others.
  has=$(kubectl --namespace "$namespace" get deployment "$name" --output 'jsonpath={.spec.replicas}' </dev/null)
  if ((has >= replicas)); then
    tell "deployment $namespace/$name has $has replicas, $replicas are wanted"
  else
    kubectl --namespace "$namespace" scale deployment "$name" --replicas="$replicas" </dev/null
    tell "deployment $namespace/$name was scaled from $has to $replicas replicas"
  fi
done < <(tr ';' '\n' <<<"$DEPLOYMENTS")
