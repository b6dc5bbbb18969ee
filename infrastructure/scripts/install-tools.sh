#!/usr/bin/env bash
# Brings terraform, kubectl and helm from a bucket of this region, each in one version and with its checksum. Nothing comes from
# the internet: on the day that they are needed, everybody asks for the same.
# TOOLS: `name key sha256` of each, separated by semicolons. BUCKET holds them as their makers publish them. BIN: where they go.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need BUCKET BUCKET_REGION TOOLS BIN

mkdir -p "$BIN"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

while read -r name key sum; do
  [[ -n "$name" ]] || continue
  file="$work/$(basename "$key")"
  aws s3 cp --only-show-errors --region "$BUCKET_REGION" "s3://$BUCKET/$key" "$file"
  checked "$name" "$key" "$file" "$sum"
  case "$key" in
    *.zip) unzip -q -o "$file" "$name" -d "$BIN" ;;
    *.tar.gz) tar -xzf "$file" -C "$BIN" --strip-components=1 --wildcards "*/$name" ;;
    *) cp "$file" "$BIN/$name" ;;
  esac
  chmod +x "$BIN/$name"
done < <(tr ';' '\n' <<<"$TOOLS")
