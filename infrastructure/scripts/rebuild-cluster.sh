#!/usr/bin/env bash
# Makes the cluster again with Terraform, and only makes: a plan that would change, replace, move, forget, import or delete anything is
# not applied, its addresses are printed, and the script ends with a status of its own. What is applied is the plan that was read.
# DIRECTORY: the root module. STATE_BUCKET, STATE_KEY, STATE_REGION: where its state lies, in the region that takes over.
# PROVIDERS: a folder made by `terraform providers mirror`, each of which must be what the lock file of the source says; empty: they come from
# their registries.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need DIRECTORY STATE_BUCKET STATE_KEY STATE_REGION

export TF_IN_AUTOMATION=1 TF_INPUT=0
work=$(mktemp -d) # the plan holds secrets
trap 'rm -rf "$work"' EXIT

backend=(
  -backend-config="bucket=$STATE_BUCKET" -backend-config="key=$STATE_KEY" -backend-config="region=$STATE_REGION"
  -backend-config=use_lockfile=true
)
# A test, and nobody else, has a state in a file.
[[ -z "${BACKEND_CONFIG:-}" ]] || backend=(-backend-config="$BACKEND_CONFIG")
if [[ -n "${PROVIDERS:-}" ]]; then
  if [[ ! -f "$DIRECTORY/.terraform.lock.hcl" ]]; then
    tell "$DIRECTORY/.terraform.lock.hcl is not in the source, expected what terraform providers lock -platform=linux_amd64 writes: by it each provider of the mirror is checked"
    exit "$wrong_input"
  fi
  backend+=(-plugin-dir="$PROVIDERS" -lockfile=readonly)
fi

if ! terraform -chdir="$DIRECTORY" init -no-color -reconfigure "${backend[@]}" 2>"$work/errors"; then
  cat "$work/errors" >&2
  # Terraform breaks its lines where it likes: a single word, and a headline.
  if grep -qE 'checksums|Provider dependency changes detected' "$work/errors"; then
    tell 'a provider of the mirror is not what .terraform.lock.hcl says, and nothing was planned: the log names it'
  else
    tell "terraform could not begin: $(grep -m 1 -o 'Error: .*' "$work/errors" || echo 'the log says why')"
  fi
  exit 1
fi

headline() { # of what Terraform said last
  grep -m 1 -o 'Error: .*' "$work/errors" || echo 'the log says why'
}
if_locked() { # ends where somebody else holds the state
  grep -q 'acquiring the state lock' "$work/errors" || return 0
  local lock
  lock=$(sed -n 's/.*ID: *\([0-9a-f-]\{1,\}\).*/\1/p' "$work/errors" | head -n 1)
  tell "the state in $STATE_BUCKET is locked: where nobody works on it any more, terraform force-unlock $lock"
  exit "$state_locked"
}

if ! terraform -chdir="$DIRECTORY" plan -no-color -lock-timeout=60s -out="$work/plan" 2>"$work/errors"; then
  cat "$work/errors" >&2
  if_locked
  tell "terraform could not plan: $(headline)"
  exit 1
fi

trying 'terraform cannot show its plan, and nothing was applied' terraform -chdir="$DIRECTORY" show -json "$work/plan" >"$work/plan.json"

# What is no plan says nothing against anything: of nothing, or of half a file, nothing is applied.
if ! jq -es 'length == 1 and (.[0] | (.format_version | type == "string" and startswith("1."))
  and ((.resource_changes // []) | all(.change.actions | type == "array" and length > 0)))' "$work/plan.json" >/dev/null; then
  tell 'terraform shows no whole plan, and nothing was applied: expected format_version 1, and actions of each change'
  exit "$more_than_creates"
fi

# Whatever is not known to be harmless is for people, also what a later Terraform writes there. What holds data is not made again because it was not
# found: what Terraform saw change there is for people too.
# shellcheck disable=SC2016
readonly judged='
  def databases: test("^aws_(db_|rds_|dsql_|elasticache_|memorydb_|dynamodb_(global_)?table|redshift|docdb|neptune|keyspaces_|timestream|opensearch|elasticsearch_)");
  # Their settings change all the time; that one is gone, is what is not made again.
  def keeps: test("^aws_(s3_bucket|s3_object|s3tables_.*|efs_file_system|fsx_.*|ebs_volume|kms_(replica_)?key|secretsmanager_secret|msk_cluster|kinesis_stream|sqs_queue|mq_broker|backup_vault)$");
  def address: .address // "an address that is not said";
  def actions: (.change.actions // ["something"]) | join(" and ");
  def moved: if .previous_address != null then "move \(address) from \(.previous_address)" else empty end;
  [.resource_changes // [] | .[] | select(.change.actions == ["create"]) | .address] as $made
  | def left: # drift that changes nothing: what is gone is made again, and what would be set back is a change of its own
      if .previous_address != null or ((.type // "") | databases) then false
      elif .change.actions == ["update"] then true
      elif .change.actions == ["delete"] then ((.type // "") | keeps | not) and (.address | IN($made[]))
      else false end;
'
more=$(jq -r "$judged"'
  (.resource_changes // [] | .[]
    | if .change.importing != null then "import \(address)"
      elif .previous_address != null then moved
      elif .change.actions | IN(["no-op"], ["create"], ["read"]) then empty
      else "\(actions) \(address)" end),
  (.resource_drift // [] | .[] | select(left | not) | moved // "changed outside of Terraform: \(actions) \(address)"),
  # What is read from this state elsewhere would change. Only what is made says a value that is not known yet.
  (.output_changes // {} | to_entries[]
    | select((.value.actions | IN(["no-op"], ["create"])) or (.value.actions == ["update"] and ([.value.after_unknown | .. | booleans] | any)) | not)
    | "\(.value.actions // ["something"] | join(" and ")) output.\(.key)"),
  (.deferred_changes // [] | .[] | "put off (\(.reason // "no reason is said")) \(.resource_change | actions) \(.resource_change | address)"),
  # Actions of providers, since Terraform 1.14: calls that no resource stands for.
  (.action_invocations // [], .deferred_action_invocations // [] | .[] | "invoke " + (.address // .action_invocation.address // "an action")),
  (.checks // [] | .[] | select(.status | IN("pass", "unknown") | not)
    | "check \(.status // "of no status") \(.address.to_display // "of no address")"
      + ([.instances[]?.problems[]?.message | strings | gsub("\\s+"; " ") | ": \(.[0:200])"] | first // "")),
  (if .errored == true then "the plan ended with an error" else empty end),
  (if .complete == false then "the plan is not complete" else empty end),
  (del(.format_version, .terraform_version, .variables, .planned_values, .proposed_unknown, .resource_drift, .resource_changes, .deferred_changes,
       .output_changes, .prior_state, .configuration, .relevant_attributes, .checks, .timestamp, .applyable, .complete, .errored,
       .action_invocations, .deferred_action_invocations)
    | to_entries[] | select(.value | (type == "array" or type == "object") and length > 0) | "not known to this script: \(.key)")
' "$work/plan.json")
if [[ -n "$more" ]]; then
  tell 'terraform would do more than create, and nothing was applied:'
  while read -r line; do tell "$line"; done <<<"$more"
  exit "$more_than_creates"
fi

left=$(jq -r "$judged"'.resource_drift // [] | .[] | select(.change.actions == ["update"] and left) | address' "$work/plan.json" | paste -sd ' ' -)
[[ -z "$left" ]] || tell "changed outside of Terraform, and left so: $left"
read -r created known < <(jq -r '
  [([.resource_changes // [] | .[] | select(.change.actions == ["create"])] | length), (.prior_state.values.root_module // {} | length)] | @tsv' "$work/plan.json")
rm -f "$work/plan.json"
# A cluster that is made for the first time looks the same as one whose state was not found.
((known > 0)) || tell "the state s3://$STATE_BUCKET/$STATE_KEY knows nothing yet: all that is made is new"
status=0
terraform -chdir="$DIRECTORY" apply -no-color -lock-timeout=60s "$work/plan" 2>"$work/errors" || status=$?
cat "$work/errors" >&2
if ((status != 0)); then
  if_locked
  tell "terraform ended before all was made, and what was made stays: $(headline)"
  exit "$status"
fi
tell "terraform created $created resources"
