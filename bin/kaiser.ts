/** The command line: argv → command, errors → one sentence and an exit code (1 failed, 2 wrong usage). */
import type { Command, Io } from './command.js'
import { commands } from './commands/index.js'
import { environmentName, helpOf, UsageError } from './config.js'
import { version } from './version.js'

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  async stdin() {
    let text = ''
    for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
    return text
  },
}

// Whoever reads the output may have seen enough, as `head` does: that is no fault of the command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const help = (): string =>
  [
    'kaiser: a greenhouse server in one process (MQTT broker, SQLite, dashboards)',
    '',
    'usage: kaiser <command> [flags]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`),
    '',
    'Every command has --help. First look: kaiser start --demo',
    '',
  ].join('\n')

const helpFor = ({ name, summary, usage, options }: Command): string =>
  [
    `kaiser ${name}: ${summary}`,
    '',
    `usage: kaiser ${name} ${usage ? `${usage} ` : ''}[flags]`,
    '',
    helpOf(options),
    '',
    `Every flag has an environment twin, such as ${environmentName(Object.keys(options)[0]!)}; flags win.`,
    '',
  ].join('\n')

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    io.out(help())
    return 0
  }
  if (name === '--version' || name === 'version') {
    io.out(`${version}\n`)
    return 0
  }
  const command = commands.find((known) => known.name === name)
  if (!command)
    throw new UsageError(
      `unknown command "${name}"; allowed: ${commands.map((known) => known.name).join(', ')}`,
    )
  if (argv.includes('--help') || argv.includes('-h')) {
    io.out(helpFor(command))
    return 0
  }
  return command.run(argv, io)
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    io.err(`kaiser: ${error.message}\n`)
    process.exit(error instanceof UsageError ? 2 : 1)
  },
)
