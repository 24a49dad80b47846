/**
 * Every error code and the exit status it ends launch mode with: 125 alfwrapper itself failed, 126 program found
 * but not executable, 127 program not found (the convention of env(1), nice(1) and timeout(1)).
 *
 * `docs/errors.md` describes each; a test compares both directions.
 */
export const catalogue = {
  ALF_USAGE: 125,
  ALF_ADDRESS: 125,
  ALF_RULE: 125,
  ALF_POLICY_INPUT: 125,
  ALF_ENTRY: 125,
  ALF_FILTER: 125,
  ALF_COMPILE: 125,
  ALF_OBJECT: 125,
  ALF_TIER: 125,
  ALF_CAPACITY: 125,
  ALF_NATIVE: 125,
  ALF_VERIFIER: 125,
  ALF_MAP: 125,
  ALF_SOCKET: 125,
  ALF_KEEPER: 125,
  ALF_GUARD: 125,
  ALF_INTERCEPT: 125,
  ALF_UNIT: 125,
  ALF_STATE: 125,
  ALF_CAPABILITY: 125,
  ALF_IDENTITY: 125,
  ALF_HANDOVER: 125,
  ALF_NOT_EXECUTABLE: 126,
  ALF_NOT_FOUND: 127,
} as const;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof catalogue;

/** The exit status of launch mode for an error of this code. */
export function exitStatus(code: ErrorCode): 125 | 126 | 127 {
  return catalogue[code];
}
