#!/usr/bin/env bash
# Writes what makes up the application in a cluster, in an order in which another region's cluster takes it: without what a cluster
# wrote itself, without what its controllers make again, and without secrets, whose names are told where something needs them.
# NAMESPACES: separated by spaces. LOST_REGION, OTHER_REGION: addresses of the container registry are turned from one to the other.
# REPLACE: a JSON object of texts that are exchanged, such as ARNs of certificates. RESOURCES: the file to write.
# shellcheck source=infrastructure/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need NAMESPACES LOST_REGION OTHER_REGION RESOURCES
[[ -n "${REPLACE:-}" ]] || REPLACE='{}'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a cluster makes by itself, what is only so for a while, what is secret, and what names load balancers of the lost region.
left_out='^(events|endpoints|pods|replicasets\.apps|controllerrevisions\.apps|jobs\.batch|secrets|bindings|leases\.coordination|endpointslices\.discovery|targetgroupbindings\.elbv2|localsubjectaccessreviews\.authorization|ingressclassparams\.elbv2|.*\.metrics\.k8s\.io|events\.events\.k8s\.io|policyendpoints\.networking\.k8s\.aws|cninodes\.vpcresources)'
types=$(kubectl api-resources --namespaced --verbs=list --output name | grep -Ev "$left_out" | sort | paste -sd, -)
[[ -n "$types" ]] || { tell 'the cluster names no types of resources'; exit 1; }

{
  for namespace in $NAMESPACES; do
    kubectl get namespace "$namespace" --output json
    kubectl --namespace "$namespace" get "$types" --output json
  done
  kubectl get customresourcedefinitions,clusterroles,clusterrolebindings,storageclasses,ingressclasses,priorityclasses --output json
} >"$work/all.json"

# One document for each object, ordered: namespaces, definitions, rights, configuration, storage, workloads, services, what else
# there is (which services and operators must stand for), ingress.
jq -s -c --arg lost "$LOST_REGION" --arg other "$OTHER_REGION" --argjson replace "$REPLACE" '
  def rank:
    { Namespace: 0, CustomResourceDefinition: 1, PriorityClass: 2, ServiceAccount: 3, Role: 4, ClusterRole: 4, RoleBinding: 5,
      ClusterRoleBinding: 5, ConfigMap: 6, StorageClass: 7, PersistentVolumeClaim: 8, Deployment: 9, StatefulSet: 9, DaemonSet: 9,
      CronJob: 9, Service: 10, IngressClass: 12, Ingress: 13 }[.kind] // 11;
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
  def turned: # longest texts first: one may hold another
    reduce ($replace | to_entries | sort_by(-(.key | length)) | .[]) as $one
      (gsub("\\.dkr\\.ecr\\.\($lost)\\."; ".dkr.ecr.\($other)."); split($one.key) | join($one.value));
  [.[] | if .kind == "List" or (.items | type) == "array" then .items[] else . end | select(own) | sanitised
    | walk(if type == "string" then turned else . end)]
  | sort_by([rank, .kind, .metadata.namespace // "", .metadata.name])
  | unique_by([rank, .kind, .metadata.namespace // "", .metadata.name])
  | .[]' "$work/all.json" >"$work/kept.json"

workloads=$(jq -s '[.[] | select(.kind | IN("Deployment", "StatefulSet", "DaemonSet", "CronJob"))] | length' "$work/kept.json")
if ((workloads == 0)); then
  tell "the cluster shows no workload in $NAMESPACES: an empty backup is none, and the one before stays"
  exit "$empty_backup"
fi

# What names the lost region would wait for it: it is said, and the backup before stays.
bound=$(jq -r --arg lost "$LOST_REGION" '
  . as $object
  | [paths(type == "string") as $path | getpath($path)
      | select(test("^arn:[a-z-]+:[a-z0-9-]+:\($lost):") or . == $lost)]
  | unique[]
  | "\($object.kind) \($object.metadata.namespace // "-")/\($object.metadata.name): \(.)"' "$work/kept.json")
if [[ -n "$bound" ]]; then
  tell "what would be backed up names $LOST_REGION; say in the plan (replace) what stands for it in $OTHER_REGION:"
  while read -r line; do tell "$line"; done <<<"$bound"
  exit "$names_lost_region"
fi

jq '.' "$work/kept.json" | sed 's/^{$/---\n{/' >"$RESOURCES"
secrets=$(jq -r '
  .metadata.namespace as $namespace
  | .. | objects
  | (.secretKeyRef?.name?, .secretRef?.name?, (.secretName? | strings), (.imagePullSecrets? // [] | arrays | .[].name?))
  | select(type == "string") | "\($namespace // "-")/\(.)"' "$work/kept.json" | sort -u | paste -sd ' ' -)
tell "$(jq -s length "$work/kept.json") objects, $workloads of them workloads"
[[ -z "$secrets" ]] || tell "secrets that are not in it and must be there before it is applied: $secrets"
