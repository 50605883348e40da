package pos

import "comptoir/data/money"

// BeyondChance is the judgement of a ratio, for its example.
func BeyondChance(s, n, allServed, all int) bool { return beyondChance(s, n, allServed, all) }

// ControlLimit is the limit of a ratio, for its example.
func ControlLimit(n, allServed, all int) money.BasisPoints { return controlLimit(n, allServed, all) }
