# METADATA
# title: Flow policies of the quick start
# description: |
#   Rules over the taints that data carries when it reaches a step, i.e. before
#   the step adds its own. `input` is the document that
#   policies/policy_input.schema.json describes; every rule is false unless
#   `input.taints` is an array of strings.
# scope: package
package kest.policy

# Without these defaults a rule would be undefined rather than false. Both deny;
# false says that the rule was asked and answered.
default allow := false

default allow_merge := false

default allow_strip_pii := false

default allow_system_a_only := false

# METADATA
# title: Any step, as long as no unsafe mix reaches it
# description: The rule of the flow example.
# scope: document
# entrypoint: true
allow if {
	well_formed
	not unsafe_mix
}

# METADATA
# title: Merging sources
# description: Personal data may meet data from the internet only after it was stripped.
# scope: document
# entrypoint: true
allow_merge if {
	well_formed
	not unsafe_mix
}

# METADATA
# title: Stripping personal data
# description: Runs only where there is personal data to strip.
# scope: document
# entrypoint: true
allow_strip_pii if {
	well_formed

	# Meant: the step does no harm to data that wrongly claims to be personal.
	# kest: allow-presence
	"pii_data" in input.taints
}

# METADATA
# title: Data of system A only
# description: Runs only on data that came through system A.
# scope: document
# entrypoint: true
allow_system_a_only if {
	well_formed

	# A taint is no proof of where data was: the trust policy has to say which key
	# runs the steps that add it.
	# kest: allow-presence
	"system_a" in input.taints
}

# METADATA
# title: Personal data and internet data together, not stripped
# description: |
#   The README of the Python package writes the last line as
#   `not input.taints[_] == "pii_stripped"`. That is unsafe Rego, which OPA
#   refuses (rego_unsafe_var_error: `_` occurs only under `not`). Engines that
#   accept it read "some taint is not pii_stripped", which denies stripped data
#   too. `not ... in ...` says what was meant.
# scope: document
unsafe_mix if {
	"pii_data" in input.taints
	"internet_data" in input.taints

	# As above: the trust policy has to say which key runs the step that strips.
	# kest: allow-presence
	not "pii_stripped" in input.taints
}

# METADATA
# title: The taints can be read
# description: |
#   `not unsafe_mix` is also true where there are no taints to look at, and `in`
#   searches the values of an object too. So every rule asks this first.
# scope: document
well_formed if {
	is_array(input.taints)
	every taint in input.taints {
		is_string(taint)
	}
}
