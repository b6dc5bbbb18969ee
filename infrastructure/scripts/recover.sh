#!/usr/bin/env bash
# One phase of a build, by the task that it was started for: CodeBuild's own phases are the steps that people see.
# TASK: rebuild, scale, back-up or dry-run. $1: terraform, application or scale.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need TASK CLUSTER REGION BUCKET BUCKET_REGION
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bucket() { # bucket FROM TO: copies from or to the bucket of what a rebuild reads
  trying "$1 could not be copied to $2" aws s3 cp --only-show-errors --region "$BUCKET_REGION" "$@"
}

# EKS takes a role whose access entry was made a moment ago only after a while, and so it is with the name of a new API server.
connect() {
  trying "cluster $CLUSTER could not be found" aws eks update-kubeconfig --name "$CLUSTER" --region "$REGION"
  local answer until=$((SECONDS + ${PATIENCE_SECONDS:-300}))
  # Yes or no: either way the token was taken.
  until answer=$(kubectl auth can-i get namespaces 2>&1) || grep -qx no <<<"$answer"; do
    if ((SECONDS >= until)); then
      if [[ "$answer" == *nauthorized* || "$answer" == *'must be logged in'* ]]; then
        tell "cluster $CLUSTER refuses our token: has the role of this project an access entry? (docs/deploy.md)"
        exit "$token_refused"
      fi
      tell "cluster $CLUSTER does not answer: $(tail -n 1 <<<"$answer")"
      exit 1
    fi
    sleep 5
  done
}

is_there() { # whether the cluster is; whoever cannot be asked is no answer
  local answer
  if answer=$(aws eks describe-cluster --name "$CLUSTER" --region "$REGION" --query cluster.status --output text 2>&1); then
    return 0
  fi
  [[ "$answer" == *ResourceNotFoundException* ]] && return 1
  tell "cluster $CLUSTER could not be looked at: $answer"
  exit 1
}

terraform_phase() {
  need SOURCE SOURCE_SHA256 DIRECTORY ROLE_ARN
  bucket "s3://$BUCKET/$SOURCE" source.tar.gz
  checked source "$SOURCE" source.tar.gz "$SOURCE_SHA256"
  mkdir -p source
  trying "s3://$BUCKET/$SOURCE is no tar.gz" tar -xzf source.tar.gz -C source
  if [[ -n "${PROVIDERS:-}" ]]; then
    mkdir -p providers
    trying "s3://$BUCKET/$PROVIDERS could not be copied" aws s3 sync --only-show-errors --region "$BUCKET_REGION" "s3://$BUCKET/$PROVIDERS" providers
    PROVIDERS="$PWD/providers"
  fi
  # The role of those who run Terraform, renewed for as long as it takes: a session that is taken from another ends after an hour.
  printf '[profile terraform]\nrole_arn = %s\ncredential_source = EcsContainer\nregion = %s\nsts_regional_endpoints = regional\n' \
    "$ROLE_ARN" "$REGION" >aws-config
  AWS_CONFIG_FILE="$PWD/aws-config" AWS_PROFILE=terraform DIRECTORY="source/$DIRECTORY" PROVIDERS="${PROVIDERS:-}" \
    "$here/rebuild-cluster.sh"
}

# Older than the plan wants is said, and no reason to have nothing: who asked for the rebuild decides.
apply_backup() {
  need RESOURCES_KEY
  local at hours
  at=$(trying "there is no resource backup s3://$BUCKET/$RESOURCES_KEY" aws s3api head-object --region "$BUCKET_REGION" \
    --bucket "$BUCKET" --key "$RESOURCES_KEY" --query LastModified --output text)
  hours=$((($(date +%s) - $(date -d "$at" +%s)) / 3600))
  if [[ -n "${OLDEST_HOURS:-}" ]] && ((hours >= OLDEST_HOURS)); then
    tell "the resource backup is $hours h old, expected less than $OLDEST_HOURS h: what was changed since is not in it"
  fi
  bucket "s3://$BUCKET/$RESOURCES_KEY" resources.yaml
  RESOURCES="$PWD/resources.yaml" "$here/apply-resources.sh"
}

bring_chart() {
  need CHART_KEY CHART_SHA256
  bucket "s3://$BUCKET/$CHART_KEY" "$(basename "$CHART_KEY")"
  checked chart "$CHART_KEY" "$(basename "$CHART_KEY")" "$CHART_SHA256"
  CHART="$PWD/$(basename "$CHART_KEY")"
  VALUES=
  if [[ -n "${VALUES_KEY:-}" ]]; then
    need VALUES_SHA256
    bucket "s3://$BUCKET/$VALUES_KEY" values.yaml
    checked values "$VALUES_KEY" values.yaml "$VALUES_SHA256"
    VALUES="$PWD/values.yaml"
  fi
  export CHART VALUES
}

install_chart() {
  bring_chart
  "$here/install-chart.sh"
}

# What the chart would pull today: readiness looks whether the registry has it.
dry_chart() {
  bring_chart
  DRY_RUN=only IMAGES="$PWD/images.txt" "$here/install-chart.sh"
  bucket images.txt "s3://$BUCKET/$CHART_KEY.images"
}

# A cluster that was stopped, or into which nothing was brought yet, is no source, and that is no failure: people are told of those. How old the copy is,
# readiness says where it matters.
back_up() {
  need RESOURCES_KEY NAMESPACES
  connect
  local status=0 found
  # shellcheck disable=SC2086 # names, separated by spaces
  found=$(trying 'whether the namespaces are there could not be seen' kubectl get namespace $NAMESPACES --ignore-not-found --output name)
  if [[ -z "$found" ]]; then
    tell "nothing of $NAMESPACES is in cluster $CLUSTER yet: nothing to do"
    exit 0
  fi
  RESOURCES="$PWD/resources.yaml" IMAGES="$PWD/images.txt" "$here/back-up-resources.sh" || status=$?
  if ((status == source_stopped)); then exit 0; fi
  if ((status != 0)); then exit "$status"; fi
  bucket resources.yaml "s3://$BUCKET/$RESOURCES_KEY"
  bucket images.txt "s3://$BUCKET/$RESOURCES_KEY.images"
}

# What a dry run that passed leaves: readiness looks how old it is, and repeats what it says. Where the cluster is made on the day, no server
# can be asked, and the file is only read.
dry_run() { # dry_run only | read
  need RESOURCES_KEY
  [[ "$1" == read ]] || connect
  DRY_RUN="$1" apply_backup
  cp "$TOLD" dry-run.txt
  bucket dry-run.txt "s3://$BUCKET/$RESOURCES_KEY.dry-run"
}

case "$TASK/$1" in
  rebuild/terraform) terraform_phase ;;
  rebuild/application)
    connect
    if [[ -n "${CHART_KEY:-}" ]]; then install_chart; else apply_backup; fi
    ;;
  rebuild/scale | scale/scale)
    # CodeBuild goes on to its last phase whatever failed before.
    if [[ "${CODEBUILD_BUILD_SUCCEEDING:-1}" != 1 ]]; then exit 0; fi
    [[ -n "${DEPLOYMENTS:-}" ]] || exit 0
    connect
    "$here/scale-application.sh"
    ;;
  back-up/application)
    if ! is_there; then
      tell "there is no cluster $CLUSTER in $REGION: nothing to do"
      exit 0
    fi
    back_up
    ;;
  dry-run/application)
    if [[ -n "${CHART_KEY:-}" ]]; then dry_chart; elif is_there; then dry_run only; else dry_run read; fi
    ;;
  rebuild/* | scale/* | back-up/* | dry-run/*) ;; # nothing of this task in this phase
  *)
    tell "task $TASK is not known, expected rebuild, scale, back-up or dry-run"
    exit "$wrong_input"
    ;;
esac
