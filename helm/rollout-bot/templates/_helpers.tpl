{{- define "rollout-bot.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Also the name of the Lease, of the Service and so of the metrics' `job`. */}}
{{- define "rollout-bot.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "rollout-bot.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "rollout-bot.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of objects that belong to no namespace: two releases must not share them. */}}
{{- define "rollout-bot.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "rollout-bot.fullname" .) -}}
{{- end -}}

{{- define "rollout-bot.account" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "rollout-bot.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "rollout-bot.subject" -}}
- kind: ServiceAccount
  name: {{ include "rollout-bot.account" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* What never changes over the life of a release. */}}
{{- define "rollout-bot.selector" -}}
app.kubernetes.io/name: {{ include "rollout-bot.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "rollout-bot.labels" -}}
{{ include "rollout-bot.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The Lease by which one of several replicas leads: a name and a namespace of this release. */}}
{{- define "rollout-bot.lease" -}}
{{- $own := dict "name" (include "rollout-bot.fullname" .) "namespace" .Release.Namespace -}}
{{- toYaml (mergeOverwrite $own (default dict .Values.config.kubernetes.lease)) -}}
{{- end -}}

{{/* The bot's configuration: what the values say, and the Lease. */}}
{{- define "rollout-bot.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if eq .Values.database.kind "postgresql" -}}
{{- $_ := set $config.kubernetes "lease" (include "rollout-bot.lease" . | fromYaml) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* What of the configuration counts from the next start only: its change starts new pods. */}}
{{- define "rollout-bot.fixed" -}}
{{- $config := include "rollout-bot.config" . | fromYaml -}}
{{- toJson (list $config.slack (omit $config.kubernetes "writes") $config.health) | sha256sum -}}
{{- end -}}

{{/* The port of a listen address, such as 0.0.0.0:8080. */}}
{{- define "rollout-bot.port" -}}
{{- toString . | splitList ":" | last -}}
{{- end -}}

{{/* Rights in one namespace. */}}
{{- define "rollout-bot.rights" -}}
{{- .Files.Get "rights/read.yaml" }}
{{- if .Values.config.kubernetes.writes }}
{{ .Files.Get "rights/act.yaml" }}
{{- end }}
{{- end -}}
