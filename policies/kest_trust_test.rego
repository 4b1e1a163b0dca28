package kest.trust_test

import data.kest.trust

test_threshold if {
	trust.allow with input as {"trust_score": 0.7}
	trust.allow with input as {"trust_score": 1}
	not trust.allow with input as {"trust_score": 0.6999999999999999}
	not trust.allow with input as {"trust_score": 0}
}

test_what_is_not_a_number_is_denied if {
	every score in [null, true, "0.9", [0.9], {"score": 0.9}] {
		trust.allow == false with input as {"trust_score": score}
	}
}

test_missing_input_is_denied if {
	trust.allow == false
	trust.allow == false with input as {}
	trust.allow == false with input as 0.9
}
