package kest.policy_test

import data.kest.policy

test_clean_data_flows if {
	policy.allow with input as {"taints": []}
	policy.allow_merge with input as {"taints": []}
}

test_personal_data_alone_flows if policy.allow_merge with input as {"taints": ["pii_data"]}

test_internet_data_alone_flows if policy.allow_merge with input as {"taints": ["internet_data"]}

test_unsafe_mix_is_denied if {
	unsafe := {"taints": ["internet_data", "pii_data"]}
	not policy.allow with input as unsafe
	not policy.allow_merge with input as unsafe
}

test_stripped_mix_flows if {
	stripped := {"taints": ["internet_data", "pii_data", "pii_stripped"]}
	policy.allow with input as stripped
	policy.allow_merge with input as stripped
}

test_strip_needs_personal_data if {
	policy.allow_strip_pii with input as {"taints": ["pii_data"]}
	not policy.allow_strip_pii with input as {"taints": ["internet_data"]}
	not policy.allow_strip_pii with input as {"taints": []}
}

test_system_a_only if {
	policy.allow_system_a_only with input as {"taints": ["system_a", "system_b"]}
	not policy.allow_system_a_only with input as {"taints": ["system_b"]}
	not policy.allow_system_a_only with input as {"taints": ["system_a2"]}
}

malformed := [
	{},
	null,
	[],
	"system_a",
	{"taints": null},
	{"taints": "system_a pii_data"},
	{"taints": {"a": "system_a", "b": "pii_data"}},
	{"taints": ["system_a", "pii_data", 7]},
	{"taints": [["system_a", "pii_data"]]},
	{"Taints": ["system_a", "pii_data"]},
]

test_missing_or_malformed_taints_are_denied if {
	every document in malformed {
		policy.allow == false with input as document
		policy.allow_merge == false with input as document
		policy.allow_strip_pii == false with input as document
		policy.allow_system_a_only == false with input as document
	}
}

test_no_input_at_all_is_denied if {
	policy.allow == false
	policy.allow_merge == false
	policy.allow_strip_pii == false
	policy.allow_system_a_only == false
}
