/**
 * The one command that passes the tests on a fresh machine: installs the programs they need where it may,
 * lints, checks types, builds, runs everything, says what was skipped and why, and ends with a counted line.
 */
import { spawn, spawnSync } from 'node:child_process'

/** Debian packages by the program that shows they are there. */
const PROGRAMS = {
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  'redis-server': 'redis-server',
  chromium: 'chromium',
  sqlite3: 'sqlite3',
}
const PATHS = `${process.env.PATH}:/usr/sbin:/sbin`
const env = { ...process.env, PATH: PATHS }

const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { env }).status === 0
const missing = () => Object.keys(PROGRAMS).filter((program) => !has(program))

/** Installs what is missing, where that is possible without asking anybody. */
function install() {
  if (missing().length === 0) return
  const root = process.getuid?.() === 0
  const sudo = root ? [] : ['sudo', '-n']
  if (!has('apt-get') || (!root && spawnSync('sudo', ['-n', 'true']).status !== 0)) return
  const packages = missing().map((program) => PROGRAMS[program])
  console.log(`installing ${packages.join(', ')}`)
  const apt = (...args) =>
    spawnSync([...sudo, 'apt-get'][0], [...sudo, 'apt-get', ...args].slice(1), {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  // The tests start their own servers on free ports; the packages' own services are not wanted.
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
}

/** Runs a step with its output shown; counts it as a test of its own. */
function step(name, command, ...args) {
  console.log(`\n# ${name}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit', env })
  return { name, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 }
}

/** Runs tap and counts tests: each `t.test` of each file is one, nested ones are part of theirs. */
function tests() {
  console.log('\n# tests')
  return new Promise((resolve) => {
    const result = { name: 'tests', passed: 0, failed: 0, skipped: [] }
    const tap = spawn(process.execPath, ['dist/test/all.js', ...process.argv.slice(2)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rest = ''
    let file = ''
    let failedBefore = 0
    tap.stdout.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()
      for (const line of lines) {
        const started = /^# Subtest: (.*)/.exec(line)
        if (started) {
          file = started[1]
          failedBefore = result.failed
          console.log(file)
        }
        // A file can fail with no test of its own that failed: it could not be loaded, or took too long.
        if (line.startsWith('not ok') && result.failed === failedBefore) result.failed++
        const test = /^ {4}(not )?ok \d+ - (.*)$/.exec(line)
        if (test) {
          const skip = /# (SKIP|TODO) ?(.*?)( \{|$)/.exec(test[2])
          if (skip) result.skipped.push(`${file}: ${test[2]}`)
          else if (test[1]) result.failed++
          else result.passed++
          console.log(
            `  ${test[1] ? 'FAILED ' : skip ? 'skipped ' : 'passed '}${test[2].replace(/ \{$/, '')}`,
          )
        } else if (
          /^ *(not ok|---|\.\.\.| {4,}(at|diff|found|wanted|compare|stack|error|message|code|source|test|\||-|\+))/.test(
            line,
          ) &&
          !/^ *---|^ *\.\.\./.test(line)
        ) {
          console.log(line)
        }
      }
    })
    tap.on('close', (status) => {
      if (status !== 0 && result.failed === 0) result.failed++
      resolve(result)
    })
  })
}

install()
const results = [
  step('lint', 'npx', 'biome', 'check', '.'),
  step('types and build', 'npx', 'tsc'),
  step('dashboard types', 'npx', 'vue-tsc', '--noEmit', '-p', 'tsconfig.dashboard.json'),
  step('dashboard build', 'npx', 'vite', 'build', '--logLevel', 'warn'),
]
const ran = await tests()
results.push(ran)

console.log('')
for (const program of missing())
  console.log(`not installed: ${PROGRAMS[program]}; the tests that need it were skipped`)
for (const skipped of ran.skipped) console.log(`skipped: ${skipped}`)
const sum = (field) => results.reduce((total, result) => total + result[field], 0)
for (const { name, failed } of results) if (failed > 0) console.log(`failed: ${name}`)
const skips = ran.skipped.length > 0 ? `, ${ran.skipped.length} skipped` : ''
console.log(`${sum('passed')} passed, ${sum('failed')} failed${skips}`)
process.exit(sum('failed') > 0 ? 1 : 0)
