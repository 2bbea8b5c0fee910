/**
 * Emergency stops from the command line. A running server does them as it does over REST; of a stopped one they are
 * latched, or released, in the database, and devices hear of it when kaiser starts and they come in.
 */
import { armedBody, emergencyBody, releasedBody, stoppedBody } from '../realtime/emergency-body.js'
import { createBook } from '../routing/actuators/book.js'
import type { Effect } from '../routing/effect.js'
import { createRelease } from '../routing/emergency/release.js'
import { createStops } from '../routing/emergency/stops.js'
import { detailOf, RequestRefused } from '../routing/request-refused.js'
import type { Act } from '../routing/speech.js'
import type { Store } from '../storage/store.js'
import { type AdminContext, AdminError, type Brake } from './admin-context.js'

type Args = Readonly<Record<string, string | null>>

const LONGEST_REASON = 500

/** Nobody is connected to a server that does not run. */
function resting(store: Store): Brake {
  const stops = createStops({
    store,
    book: createBook(store),
    commands: () => ({ off: () => [] }),
    reachable: () => false,
  })
  return {
    actuators: { stops, release: createRelease(store) },
    act: async (work) => ({ result: await store.group.run(work), stored: true }),
  }
}

const wantedOf = ({ esp_id = null, zone_id = null, gpio = null, reason = null }: Args, by: string) => {
  if (!reason?.trim()) throw new AdminError('reason is required')
  if (reason.length > LONGEST_REASON)
    throw new AdminError(`reason is ${reason.length} characters long; at most ${LONGEST_REASON}`)
  return { esp_id, zone_id, gpio: gpio === null ? null : Number(gpio), reason: reason.trim(), by }
}

async function acting<T extends { readonly effects: readonly Effect[] }>(act: Act, work: () => T) {
  try {
    return await act(work)
  } catch (error) {
    throw error instanceof RequestRefused ? new AdminError(detailOf(error)) : error
  }
}

type Operation = (context: AdminContext, args: Args, by: string) => Promise<object>

const operations: Readonly<Record<string, Operation>> = {
  async stop({ store, now, brake }, args, by) {
    const { actuators, act } = brake ?? resting(store)
    const wanted = wantedOf(args, by)
    const at = now()
    const { result, stored } = await acting(act, () => actuators.stops.trigger(wanted, at))
    return { ...stoppedBody(result, wanted.reason, at), ...(!stored && { stored }) }
  },
  async arm({ store, now, brake }, args, by) {
    const { actuators, act } = brake ?? resting(store)
    const wanted = wantedOf(args, by)
    const { result, stored } = await acting(act, () => actuators.release.arm(wanted, now()))
    return { ...armedBody(store, result, now()), ...(!stored && { stored }) }
  },
  async release({ store, now, brake }, args, by) {
    const { actuators, act } = brake ?? resting(store)
    const wanted = { ...wantedOf(args, by), token: args.token ?? '' }
    const { result, stored } = await acting(act, () => actuators.release.confirm(wanted, now()))
    return { ...releasedBody(store, result), ...(!stored && { stored }) }
  },
  async list({ store, now }) {
    return emergencyBody(store, now())
  },
}

/** `estop.stop`, `.arm`, `.release` and `.list`; each says whether a server runs. */
export const estopOperations = (
  by: string,
): Readonly<Record<string, (context: AdminContext, args: Args) => Promise<unknown>>> =>
  Object.fromEntries(
    Object.entries(operations).map(([name, work]) => [
      `estop.${name}`,
      async (context: AdminContext, args: Args) => ({
        ...(await work(context, args, by)),
        server_running: context.brake !== undefined,
      }),
    ]),
  )
