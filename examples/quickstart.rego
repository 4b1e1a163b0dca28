package kest.policy

default allow_merge := false

default allow_system_a_only := false

# Personal data may meet data from the internet only after it was stripped.
allow_merge if not unsafe_mix

unsafe_mix if {
	"pii_data" in input.taints
	"internet_data" in input.taints
	not "pii_stripped" in input.taints # kest: allow-presence
}

# Only data that came through system A. Whoever adds the taint gets in: where
# several keys are at work, the trust policy says which of them runs which step.
# (The comments tell "kest policy check" that this is meant.)
allow_system_a_only if "system_a" in input.taints # kest: allow-presence
