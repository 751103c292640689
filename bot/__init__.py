"""rollout-bot: release control for Argo Rollouts, in Slack."""
