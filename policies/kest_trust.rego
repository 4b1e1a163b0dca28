# METADATA
# title: Trust policy of the quick start
# description: |
#   A rule over the trust score that the step's score would have from its
#   ingress parents, 0 to 1.
# scope: package
package kest.trust

default allow := false

# METADATA
# title: Trusted enough
# description: |
#   The score is at least 0.7. Rego orders every string, array and object above
#   every number, so a score that is not a number must be refused by its type.
# scope: document
# entrypoint: true
allow if {
	is_number(input.trust_score)
	input.trust_score >= 0.7
}
