import { expect, test, vi } from 'vitest'
import { run, serve, temporaryFolder } from './server-command.ts'

test('serve prints the quotas, and enforces them', async () => {
  const flags = ['--team-quota', 'bytes=1.5kB,versions=1000', 'Vision:bytes=2TB,versions=none']
  const server = await serve(
    await temporaryFolder(),
    ...flags,
    '--key-quota',
    'requests=64,points=5000',
    '--key-quota',
    '0941af1e1f19:requests=4',
  )
  expect(server.output()).toContain(
    [
      'Quota of each team: 1.5 kB stored, 1,000 versions',
      'Quota of team vision: 2.0 TB stored, no limit of versions',
      'Quota of each API key: 64 concurrent requests, 5,000 logged points per second',
      'Quota of API key 0941af1e1f19: 4 concurrent requests',
    ].join('\n'),
  )
  expect(server.output()).toContain('No API key has the id 0941af1e1f19; its quota has no effect.')
  const form = new FormData()
  form.append(`sha256:${'0'.repeat(64)}`, new Blob(['x'.repeat(2_000)]), 'blob')
  const put = (team: string) =>
    fetch(`${server.url}/api/v1/teams/${team}/blobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}` },
      body: form,
    })
  expect((await put('ours')).status).toBe(507)
  await vi.waitFor(() => {
    const told = server
      .output()
      .split('\n')
      .filter((line) => / 507 |^\s+at /.test(line))
    expect(told).toEqual([expect.stringContaining('Team ours has ') as string])
  })
  expect((await put('vision')).status).toBe(422) // It has another digest.
})

test('serve without quotas does not mention them', async () => {
  expect((await serve(await temporaryFolder())).output()).not.toMatch(/quota/i)
})

test.each([
  ['--team-quota', 'bytes', 'A quota is written as limits, such as bytes=500GB'],
  ['--team-quota', 'byte=5', 'A quota is written as limits, such as bytes=500GB'],
  ['--team-quota', 'vision:', 'A quota is written as limits, such as bytes=500GB'],
  ['--team-quota', 'bytes=5XB', 'The quota bytes must be a size, such as 500GB, or none'],
  ['--team-quota', 'versions=-1', 'The quota versions must be a whole number of at least 0, or none'],
  ['--key-quota', 'points=0.5', 'The quota points must be a whole number of at least 1, or none'],
  ['--key-quota', 'requests=0', 'The quota requests must be a whole number of at least 1, or none'],
  ['--key-quota', 'tw_secret:requests=5', 'give its id: the 12 hex digits'],
  ['--team-quota', 'a/b:requests=5', "'a/b' cannot name a team"],
])('serve %s %s is refused in one line', async (flag, text, says) => {
  const { code, output } = await run('serve', '--store', await temporaryFolder(), '--port', '0', flag, text)
  expect(code).toBe(1)
  expect(output).toContain(says)
  expect(output.trim().split('\n')).toHaveLength(1)
})
