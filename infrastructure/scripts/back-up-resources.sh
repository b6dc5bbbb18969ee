#!/usr/bin/env bash
# Writes what makes up the application in a cluster, in an order in which another region's cluster takes it: without what a cluster
# wrote itself, without what its controllers make again, and without secrets, whose names are told where something needs them.
# Of what belongs to no namespace only that is taken which something in them uses. What the lost region is named in is not written.
# NAMESPACES: separated by spaces. LOST_REGION, OTHER_REGION: addresses of the container registry are turned from one to the other.
# REPLACE: a JSON object of texts that are exchanged, such as ARNs of certificates; one that stands for itself may stay. RESOURCES: the file to write.
# IMAGES: the file for the images that its pods run, which are more than those that are written there: operators and webhooks bring their own.
# DEPLOYMENTS: those that the plan has numbers of, as scale-application.sh takes them: a cluster that runs none of them was stopped.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need NAMESPACES LOST_REGION OTHER_REGION RESOURCES
[[ -n "${REPLACE:-}" ]] || REPLACE='{}'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a cluster makes by itself, what is only so for a while, what is secret, and what names load balancers of the lost region.
left_out='^((events|endpoints|pods|secrets|bindings)$|(replicasets|controllerrevisions)\.apps$|jobs\.batch$|leases\.coordination\.k8s\.io$|endpointslices\.discovery\.k8s\.io$|csistoragecapacities\.storage\.k8s\.io$|localsubjectaccessreviews\.authorization\.k8s\.io$|events\.events\.k8s\.io$|.*\.metrics\.k8s\.io$|(targetgroupbindings|ingressclassparams)\.elbv2\.k8s\.aws$|policyendpoints\.networking\.k8s\.aws$|cninodes\.vpcresources\.k8s\.aws$)'
types=$(trying 'the cluster does not name its types of resources' kubectl api-resources --namespaced --verbs=list --output name |
  grep -Ev "$left_out" | sort | paste -sd, -)
[[ -n "$types" ]] || { tell 'the cluster names no types of resources'; exit 1; }

{
  for namespace in $NAMESPACES; do
    trying "namespace $namespace could not be read" kubectl get namespace "$namespace" --output json
    trying "what is in namespace $namespace could not be read" kubectl --namespace "$namespace" get "$types" --output json
  done
  trying 'definitions and rights could not be read' \
    kubectl get customresourcedefinitions,clusterroles,clusterrolebindings,storageclasses,ingressclasses,priorityclasses --output json
} >"$work/all.json"

ending=$(jq -r 'select(.kind == "Namespace" and .metadata.deletionTimestamp != null) | .metadata.name' "$work/all.json" | paste -sd ' ' -)
if [[ -n "$ending" ]]; then
  tell "namespace $ending is being deleted, with all that is in it: the one before stays"
  exit "$empty_backup"
fi

# Longest texts first: one may hold another.
# shellcheck disable=SC2016
readonly turning='def turned:
    reduce ($replace | to_entries | sort_by(-(.key | length)) | .[]) as $one
      (gsub("\\.dkr\\.ecr\\.\($lost)\\."; ".dkr.ecr.\($other)."); split($one.key) | join($one.value));'
from_to=(--arg lost "$LOST_REGION" --arg other "$OTHER_REGION" --argjson replace "$REPLACE")

# One document for each object, ordered: namespaces, definitions, rights, configuration, storage, services, workloads, what else
# there is (which services and operators must stand for), ingress.
jq -s -c --arg namespaces "$NAMESPACES" "${from_to[@]}" "$turning"'
  def rank:
    { Namespace: 0, CustomResourceDefinition: 1, PriorityClass: 2, ServiceAccount: 3, Role: 4, ClusterRole: 4, RoleBinding: 5,
      ClusterRoleBinding: 5, ConfigMap: 6, LimitRange: 6, ResourceQuota: 6, NetworkPolicy: 6, StorageClass: 7, PersistentVolumeClaim: 8,
      Service: 9, Deployment: 10, StatefulSet: 10, DaemonSet: 10, CronJob: 10, IngressClass: 12, Ingress: 13 }[.kind] // 11;
  def group: .apiVersion // "" | if contains("/") then split("/")[0] else "" end;
  def of_ours: .kind == "ServiceAccount" and (.namespace | IN($namespaces | split(" ")[]));
  def used: # of all that is kept: what belongs to no namespace is there for what does
    (map(select(.kind == "ClusterRoleBinding" and any(.subjects[]?; of_ours)) | .subjects |= map(select(of_ours)))) as $bound
    | (map(select(.metadata.namespace != null)) + $bound) as $ours
    | [$ours[].roleRef? | select(.kind == "ClusterRole") | .name] as $roles
    | ([$ours[] | group] + [.[] | select(.kind == "Role" or (.kind == "ClusterRole" and (.metadata.name | IN($roles[])))) | .rules[]?.apiGroups[]?]) as $groups
    | [$ours[] | .. | objects | (.priorityClassName?, .storageClassName?, .ingressClassName?) | strings] as $classes
    | map(select(
        .kind == "Namespace" or .metadata.namespace != null
        or (.kind == "ClusterRole" and (.metadata.name | IN($roles[])))
        or (.kind == "CustomResourceDefinition" and (.spec.group | IN($groups[])))
        or ((.kind | IN("PriorityClass", "StorageClass", "IngressClass")) and (.metadata.name | IN($classes[])))))
      + $bound;
  def own: # not made by a controller, by Kubernetes itself or by a chart of the system
    (.metadata.ownerReferences // [] | length == 0)
    and ((.metadata.labels // {})["kubernetes.io/bootstrapping"] == null)
    and ((.metadata.name | startswith("system")) and (.kind | IN("ClusterRole", "ClusterRoleBinding", "PriorityClass")) | not)
    and ((.kind == "ConfigMap" and .metadata.name == "kube-root-ca.crt") | not)
    and ((.kind == "ServiceAccount" and .metadata.name == "default") | not)
    and (.kind != "Secret");
  def sanitised:
    del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.generation, .metadata.creationTimestamp,
        .metadata.managedFields, .metadata.selfLink, .metadata.finalizers, .metadata.deletionTimestamp,
        .metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"],
        .metadata.annotations["deployment.kubernetes.io/revision"],
        .metadata.annotations["pv.kubernetes.io/bind-completed"],
        .metadata.annotations["pv.kubernetes.io/bound-by-controller"],
        .metadata.annotations["volume.kubernetes.io/selected-node"])
    | if .kind == "Namespace" then del(.spec) else . end
    | if .kind == "Service" then
        (if .spec.clusterIP == "None" then . else del(.spec.clusterIP, .spec.clusterIPs) end)
        | del(.spec.healthCheckNodePort, .spec.loadBalancerIP, .spec.ports[]?.nodePort)
      else . end
    | if .kind == "PersistentVolumeClaim" then del(.spec.volumeName) else . end
    | if .kind == "ServiceAccount" then del(.secrets) else . end
    | if .spec.template.spec? then del(.spec.template.spec.nodeName) else . end
    | if .spec.jobTemplate.spec.template.spec? then del(.spec.jobTemplate.spec.template.spec.nodeName) else . end;
  [.[] | if .kind == "List" or (.items | type) == "array" then .items[] else . end | select(own)]
  | used
  | [.[] | sanitised
    | walk(if type == "string" then turned else . end)]
  | unique_by([rank, .kind, .metadata.namespace // "", .metadata.name, group])
  | .[]' "$work/all.json" >"$work/kept.json"

workloads=$(jq -s '[.[] | select(.kind | IN("Deployment", "StatefulSet", "DaemonSet", "CronJob"))] | length' "$work/kept.json")
if ((workloads == 0)); then
  tell "the cluster shows no workload in $NAMESPACES: an empty backup is none, and the one before stays"
  exit "$empty_backup"
fi

# The plan has numbers of what runs where users are: where none of it runs, a region that was given up was stopped, and is no source.
if [[ -n "${DEPLOYMENTS:-}" ]]; then
  stopped=$(jq -rs --arg planned "$DEPLOYMENTS" '
    ($planned | split(";") | map(split(" ")[0:2])) as $planned
    | [.[] | select(.kind == "Deployment" and ([.metadata.namespace, .metadata.name] | IN($planned[]))) | .spec.replicas]
    | length > 0 and all(. == 0)' "$work/kept.json")
  if [[ "$stopped" == true ]]; then
    tell "none of the plan's deployments runs in ${CLUSTER:-the cluster}: what was stopped is no backup, and the one before stays"
    exit "$source_stopped"
  fi
fi

# What names the lost region would wait for it, or write there when it comes back: addresses, zones, ids of its networks and volumes. It is said, and
# the backup before stays. Of a definition only whole texts count: its descriptions have examples.
bound=$(jq -r --arg lost "$LOST_REGION" --argjson replace "$REPLACE" '
  def allowed: reduce ($replace | map(select(. != "")) | sort_by(-length) | .[]) as $one (.; split($one) | join(" "));
  . as $object
  | [paths(type == "string") as $path | getpath($path) | allowed
      | if $object.kind == "CustomResourceDefinition" then select(test("^arn:[a-z-]+:[a-z0-9-]+:\($lost):") or . == $lost)
        else (select(test("(?<![A-Za-z0-9])\($lost)(?![0-9])")) | match("[A-Za-z0-9.:/_-]{0,100}(?<![A-Za-z0-9])\($lost)(?![0-9])[A-Za-z0-9.:/_-]{0,100}"; "g").string),
             match("(?<![A-Za-z0-9-])(vpc|subnet|sg|eipalloc|vol|fs|fsap|eni|lt|ami)-([0-9a-f]{8}|[0-9a-f]{17})(?![A-Za-z0-9-])"; "g").string
        end]
  | unique[]
  | "\($object.kind) \($object.metadata.namespace // "-")/\($object.metadata.name): \(.[0:200])"' "$work/kept.json")
if [[ -n "$bound" ]]; then
  tell "what would be backed up names $LOST_REGION, or what stands there; say in the plan (replace) what stands for it in $OTHER_REGION:"
  while read -r line; do tell "$line"; done <<<"$bound"
  exit "$names_lost_region"
fi

# As images are written in a backup, so that readiness reads both alike. Without them there is a backup all the same.
if [[ -n "${IMAGES:-}" ]]; then
  for namespace in $NAMESPACES; do
    trying "which images run in namespace $namespace could not be read" kubectl --namespace "$namespace" get pods --output json || true
  done >"$work/pods.json"
  jq -rs "${from_to[@]}" "$turning"'
    [.[].items[]?.spec | (.initContainers[]?, .containers[]?) | .image | strings | turned] | unique[] | "\"image\": \"\(.)\""' \
    "$work/pods.json" >"$IMAGES"
fi

jq '.' "$work/kept.json" | sed 's/^{$/---\n{/' >"$RESOURCES"
secrets=$(secrets_in "$work/kept.json")
tell "$(jq -s length "$work/kept.json") objects, $workloads of them workloads"
[[ -z "$secrets" ]] || tell "secrets that are not in it and must be there before it is applied: $secrets"
