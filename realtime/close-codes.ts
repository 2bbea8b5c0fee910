/** Why a realtime socket is closed, in numbers. RFC 6455 §7.4, and the original's own. */

/** Another socket came under the same client_id. */
export const REPLACED = 1000
/** kaiser stops. */
export const GOING_AWAY = 1001
/** What it said is no frame at all. */
export const POLICY_VIOLATION = 1008
/** Its network takes less than is said to it. */
export const TOO_SLOW = 1013
/** Its token is no good any more: come again with another one. protocol.md §5.1 */
export const SESSION_OVER = 4001
