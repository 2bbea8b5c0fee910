/** `/sensors/…/recompute`: values of a past period, computed again with what applies now, and how far that is. */
import Type from 'typebox'
import type { Recomputations } from '../../routing/recompute.js'
import { locate } from '../../routing/sensor-configs.js'
import type { Library } from '../../routing/sensors/library.js'
import type { Store } from '../../storage/store.js'
import { asking } from '../asking.js'
import { RecomputationBody, recomputationBody } from '../calibration-body.js'
import { Problem } from '../problem.js'
import { createRecomputing } from '../recomputing.js'
import { type Resource, route } from '../route.js'
import { SensorParams, WhichBody, which } from '../sensor-request.js'
import { given, Time } from '../shapes.js'

export interface RecomputationsOptions {
  store: Store
  now: () => number
  library: Library
  recomputations: Recomputations
}

export function recomputations(options: RecomputationsOptions): Resource {
  const { store, now, library, recomputations } = options
  const { begin, soon } = createRecomputing(options)

  return {
    prefix: '/sensors',
    tag: 'Calibration',
    routes: [
      route({
        method: 'POST',
        path: '/{esp_id}/{gpio}/recompute',
        role: 'operator',
        summary: 'Compute the values of a past period again, with the calibration and options that apply now',
        description:
          'Runs in the background, one after the other; what is done within two seconds is answered as done.',
        status: 202,
        params: Type.Object(SensorParams),
        body: Type.Object({ ...WhichBody, start_time: Time, end_time: given(Time) }),
        answer: RecomputationBody,
        errors: ['not_found', 'request_refused', 'sensor_ambiguous', 'recompute_busy'],
        async handle(asked) {
          const { params, body } = asked
          const [from, to] = [Date.parse(body.start_time), body.end_time ? Date.parse(body.end_time) : now()]
          const job = asking(() =>
            begin(asked, locate(store, library, { ...params, ...which(body) }), from, to),
          )
          return (await soon(job))!
        },
      }),

      route({
        method: 'GET',
        path: '/{esp_id}/{gpio}/recompute/{id}',
        role: 'viewer',
        summary: 'How far a recomputation has come; remembered until a hundred others were asked for',
        params: Type.Object({ ...SensorParams, id: Type.String({ maxLength: 36 }) }),
        answer: RecomputationBody,
        errors: ['not_found'],
        handle({ params: { esp_id, gpio, id } }) {
          const job = recomputations.find(id)
          if (!job || job.esp_id !== esp_id || job.gpio !== gpio)
            throw new Problem('not_found', `Recomputation ${id} is not known`)
          return recomputationBody(job)
        },
      }),
    ],
  }
}
