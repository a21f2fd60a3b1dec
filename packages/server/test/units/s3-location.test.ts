import { describe, expect, test } from 'vitest'
import { describeLocation, parseS3Location } from '../../src/node/s3/s3-location.ts'

const plain = {
  bucket: 'models',
  prefix: '',
  endpoint: undefined,
  region: undefined,
  addressing: 'virtual-host',
  profile: undefined,
  exclusiveWriter: false,
}

describe('a bucket’s location', () => {
  test.each([
    ['s3://models', plain],
    ['s3://models/', plain],
    ['S3://models/team/a?region=eu-central-1', { ...plain, prefix: 'team/a/', region: 'eu-central-1' }],
    [
      's3://models//a/?endpoint=http://127.0.0.1:9000&profile=work',
      {
        ...plain,
        prefix: 'a/',
        endpoint: 'http://127.0.0.1:9000',
        region: 'us-east-1',
        addressing: 'path',
        profile: 'work',
      },
    ],
    [
      's3://models?endpoint=https%3A%2F%2Fs3.example.com&addressing=virtual-host&exclusiveWriter=true',
      {
        ...plain,
        endpoint: 'https://s3.example.com',
        region: 'us-east-1',
        exclusiveWriter: true,
      },
    ],
  ])('%s is parsed', (text, location) => {
    expect(parseS3Location(text, {})).toEqual(location)
  })

  test.each([
    ['s3://', 'bucket name'],
    ['s3:models', 'is not a URL'],
    ['s3://m', 'bucket name'],
    ['s3://AKIA:sec/ret/wJalr@models', 'credentials'],
    ['s3://models?aws_secret_access_key=wJalr', 'aws_secret_access_key'],
    ['s3://models?endpoint=http://user:sec/wJalr@host', 'credentials'],
    ['s3://models?endpoint=http://user:wJalr@host', 'credentials'],
    ['s3://models?endpoint=https://account.example.com/models', 'named in the endpoint'],
    ['s3://models:9000', 'endpoint'],
    ['s3://models#a', 'fragment'],
    ['s3://models/a b', 'prefix'],
    ['s3://models/.hidden', 'prefix'],
    [`s3://models/${'a/'.repeat(61)}`, '120'],
    ['s3://models?endpoint=localhost:9000', 'endpoint'],
    ['s3://models?endpiont=http://a', 'endpiont'],
    ['s3://models?addressing=host', 'addressing'],
    ['s3://models?exclusiveWriter=yes', 'exclusiveWriter'],
    ['s3://models?region=eu central', 'region'],
  ])('%s is refused with advice', (text, advice) => {
    const parse = () => parseS3Location(text)
    expect(parse).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    expect(parse).toThrow(advice)
    expect(parse).not.toThrow('wJalr')
  })

  test('is described by what distinguishes it from others', () => {
    const location = parseS3Location('s3://models/a?endpoint=http://host:9000/&profile=work')
    expect(describeLocation(location)).toBe('the bucket s3://models/a at http://host:9000/')
  })

  test('takes its endpoint from the same variables as Amazon’s tools, unless it has one', () => {
    const variables = { AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_S3: 'http://b' }
    expect(parseS3Location('s3://models', variables)).toMatchObject({
      endpoint: 'http://b',
      addressing: 'path',
    })
    expect(parseS3Location('s3://models?endpoint=http://c', variables)).toMatchObject({
      endpoint: 'http://c',
    })
  })
})
