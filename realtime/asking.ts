/** Turns a no of the routing (`RequestRefused`) into an answer, for every REST route that asks it for something. */
import { RequestRefused } from '../routing/request-refused.js'
import type { Store } from '../storage/store.js'
import { Problem } from './problem.js'
import { locOf, wrongField } from './validate.js'

/** What is answered to it; `at` is where in the body the request stands. */
export function refusalOf(
  { code, field, message, said }: RequestRefused,
  at: readonly (string | number)[] = [],
): Problem {
  if (!field) return new Problem(code, message)
  const { name, value } = field
  if (at.length === 0) return wrongField(name, message, value, 'body', said)
  return new Problem('request_invalid', [
    {
      type: 'value_error',
      loc: ['body', ...at, ...locOf(name)],
      msg: message,
      input: value,
      ...(said && { said }),
    },
  ])
}

/** What is thrown on instead of it: a Problem where it is a no, else itself. */
export const answered = (error: unknown, at?: readonly (string | number)[]): unknown =>
  error instanceof RequestRefused ? refusalOf(error, at) : error

/** Runs `look`. Throws Problem where it refuses. */
export function asking<T>(look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw answered(error)
  }
}

/** Runs `work` in the group and resolves when it is on disk. Throws Problem where it refuses. */
export async function changing<T>(store: Store, work: () => T): Promise<T> {
  try {
    return await store.group.run(work)
  } catch (error) {
    throw answered(error)
  }
}
