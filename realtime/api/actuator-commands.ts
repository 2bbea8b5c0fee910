/**
 * `/actuators`: commands, one by one or many at once, and what became of them. A 2xx says that a command was accepted;
 * what the device does, its stages tell. Wire format: rest-contract §10.
 */
import { randomUUID } from 'node:crypto'
import Type, { type Static } from 'typebox'
import type { Request } from '../../routing/actuators/commands.js'
import { COMMANDS } from '../../routing/actuators/order.js'
import { spelled } from '../../routing/actuators/place.js'
import type { HistoryRow } from '../../storage/actuator-history.js'
import {
  Accepted,
  acceptedBody,
  CommandAnswer,
  CommandBody,
  type Commanded,
  CommandRequest,
  CorrelationId,
  commandBody,
  strict,
  wishOf,
} from '../actuator-command-body.js'
import { ActuatorGpio, ActuatorParams } from '../actuator-request.js'
import { answered, refusalOf } from '../asking.js'
import { type CommandingOptions, checkWish, give, type Outcome } from '../commanding.js'
import { samePlace } from '../config-telling.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { EspId, given, nullable } from '../shapes.js'
import { type Doer, fromOf } from '../user-audit.js'

export type ActuatorCommandsOptions = CommandingOptions

/** Commands of one batch. */
const MOST_AT_ONCE = 100

/** For one actuator, which the path names; in a batch each command names its own. */
const OneRequest = Type.Object({ esp_id: given(EspId), gpio: given(ActuatorGpio), ...CommandRequest }, strict)
const BatchItem = Type.Object({ esp_id: EspId, gpio: ActuatorGpio, ...CommandRequest }, strict)
const BatchResult = Type.Object({
  index: Type.Integer({ description: 'of the command in the request, from 0' }),
  accepted: Type.Boolean(),
  esp_id: Type.String(),
  gpio: ActuatorGpio,
  correlation_id: nullable(CorrelationId),
  command: Type.Optional(Accepted),
  code: Type.Optional(Type.String({ description: 'why not, for programs' })),
  detail: Type.Optional(Type.String({ description: 'why not, for people' })),
  limit_name: Type.Optional(Type.String()),
  possible_at: Type.Optional(nullable(Type.String({ format: 'date-time' }))),
})

type Place = { readonly esp_id: string; readonly gpio: number }

export function actuatorCommands(options: ActuatorCommandsOptions): Resource {
  const { store } = options

  const requestOf = (place: Place, body: CommandRequest, doer: Doer): Request => {
    const { wait, correlation_id } = body
    return {
      ...wishOf(place, body, doer.user!.username),
      correlation_id: correlation_id ?? undefined,
      wait: wait ? wait * 1000 : undefined,
      from: fromOf(doer),
    }
  }

  /** What is wrong with it; undefined when it makes sense. */
  const wrong = (request: Request, at: readonly (string | number)[] = []): unknown => {
    try {
      checkWish(request)
      return undefined
    } catch (error) {
      return answered(error, at)
    }
  }
  /** Throws Problem (422) where it makes no sense. */
  const checked = (request: Request): Request => {
    const problem = wrong(request)
    if (problem) throw problem
    return request
  }
  /** The same of many: each that makes none is named, by its index. */
  const sound = (requests: readonly Request[], field: string): readonly Request[] => {
    const details = requests.flatMap((request, index) => {
      const problem = wrong(request, [field, index])
      if (problem instanceof Problem && typeof problem.detail !== 'string') return problem.detail
      if (problem) throw problem
      return []
    })
    if (details.length > 0) throw new Problem('request_invalid', details)
    return requests
  }

  const sentence = (
    { command_type, state, expires_at }: Static<typeof Accepted>,
    place: Place,
    hasLeft: boolean,
  ): string => {
    const is = hasLeft ? 'is on its way' : `waits for the device until ${expires_at}`
    return `${command_type} for ${spelled(place)} ${state === 'pending' ? is : `is ${state}`}`
  }

  const resultOf = (outcome: Outcome, index: number, { esp_id, gpio }: Place): Static<typeof BatchResult> => {
    if ('problem' in outcome) {
      const { code, message, beside } = outcome.problem
      return { index, accepted: false, esp_id, gpio, correlation_id: null, code, detail: message, ...beside }
    }
    const { command, stored } = outcome
    const { correlation_id } = command
    return { index, accepted: true, esp_id, gpio, correlation_id, command: acceptedBody(command, stored) }
  }

  return {
    prefix: '/actuators',
    tag: 'Actuators',
    routes: [
      route({
        method: 'GET',
        path: '/commands/{correlation_id}',
        role: 'viewer',
        summary: 'A command, with every stage it went through and when',
        params: Type.Object({ correlation_id: CorrelationId }),
        answer: CommandBody,
        errors: ['not_found'],
        handle({ params: { correlation_id } }) {
          const { actuatorHistory } = store
          const row: HistoryRow | undefined =
            actuatorHistory.find(correlation_id) ?? actuatorHistory.row(correlation_id)
          if (!row) throw new Problem('not_found', `Command ${correlation_id} is not known`)
          return commandBody(row as Commanded)
        },
      }),

      route({
        method: 'POST',
        path: '/commands',
        role: 'operator',
        summary:
          'Give many commands at once; each is judged by itself, and those of one actuator keep their order',
        description:
          'A batch in which one command makes no sense is refused as a whole (422), and nothing of it is done: `loc` of each item of `detail` has the index of the command, from 0. What a limit refuses, or who is away, stops nobody else: `results` says it, one by one.',
        body: Type.Object(
          { commands: Type.Array(BatchItem, { minItems: 1, maxItems: MOST_AT_ONCE }) },
          strict,
        ),
        answer: Type.Object({
          success: Type.Boolean({ description: 'all were accepted' }),
          message: Type.String(),
          batch: Type.String({ description: 'names those that belong together' }),
          accepted: Type.Integer(),
          refused: Type.Integer(),
          results: Type.Array(BatchResult, { description: 'in the order of the request' }),
        }),
        async handle(asked) {
          const { commands } = asked.body
          const batch = randomUUID()
          const requests = sound(
            commands.map((item) => ({ ...requestOf(item, item, asked), batch })),
            'commands',
          )
          const outcomes = await give(options, requests, (error) => new Problem(error.code, error.message))
          const results = outcomes.map((outcome, index) => resultOf(outcome, index, commands[index]!))
          const accepted = results.filter((result) => result.accepted).length
          const refused = results.length - accepted
          return {
            success: refused === 0,
            message: `${accepted} of ${results.length} commands were accepted`,
            batch,
            accepted,
            refused,
            results,
          }
        },
      }),

      route({
        method: 'POST',
        path: '/{esp_id}/{gpio}/command',
        role: 'operator',
        summary: 'Command an actuator',
        description: `${COMMANDS.join(', ')}. It is judged by every limit of the actuator; OFF is never refused, and works while storage fails. The answer does not wait for the device: \`GET /actuators/commands/{correlation_id}\` tells how far it came.`,
        params: Type.Object(ActuatorParams),
        body: OneRequest,
        answer: CommandAnswer,
        errors: ['not_found', 'limit_refused', 'device_offline', 'already_exists'],
        async handle(asked) {
          const { params, body } = asked
          samePlace(params, body)
          const request = checked(requestOf(params, body, asked))
          const [outcome] = await give(options, [request], (error) => refusalOf(error))
          if ('problem' in outcome!) throw outcome.problem
          const { command, stored } = outcome!
          const accepted = acceptedBody(command, stored)
          const hasLeft = options.actuators.book.mayHaveLeft(command)
          return {
            success: command.success !== 0,
            message: sentence(accepted, params, hasLeft),
            ...accepted,
            command_sent: hasLeft,
            acknowledged: accepted.state === 'acknowledged' || accepted.state === 'done',
          }
        },
      }),
    ],
  }
}
