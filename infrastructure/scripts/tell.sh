#!/usr/bin/env bash
# Hands what the scripts told to the step that started the build: into the bucket, under the id of the build. Said at the end of each
# phase, also of one that failed; where it cannot be handed over, the log has it.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need BUCKET BUCKET_REGION CODEBUILD_BUILD_ID
[[ -s "$TOLD" ]] || exit 0
aws s3 cp --only-show-errors --region "$BUCKET_REGION" "$TOLD" "s3://$BUCKET/builds/${CODEBUILD_BUILD_ID#*:}.txt" ||
  printf 'what was told could not be handed over\n' >&2
