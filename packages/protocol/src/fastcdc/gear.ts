/** For every byte a 64-bit word that looks random, as the low and the high halves of the 256 words. */
export interface Gear {
  readonly low: Int32Array
  readonly high: Int32Array
}

/**
 * The words, big-endian, one after the other: the first eight bytes of the MD5 digest of a block of 64 bytes,
 * all equal to the current byte. (The REAPI's comment writes `MD5(byte(i))`, but its test vectors, like the
 * authors' C reference, use the block.) They are written out because browsers lack MD5.
 */
export const gearBase64 = `
  O108fSB+N9x4TWi6kRIwhs1SiA+ILnKY6s+OThn9zKfDHzhd+9FjKx1fJwAeJavmgxML3jya2ZHEsiVnbpt2SaoymyngjrSZtn/L0h5X
  fVgAJ7qq2irPa+PvLVrHPCImCJDyTW7TEreoCeA2hR18fvCm/l4AE9gbHQJjBEUs7BQDhkYyZI4kj82qzz3Nkrm09eAS5jwYeFaIYvnT
  ghwAtqgvczh1D2+KHlg9xsHLC296MUW2l0On8auyD+5ASAfrsUs8/ge4Ol253CeJituaDzcD9ekbqmK+zwu4ZoFffZg9mGfEHqnc0xvh
  +mVEK/IsFDANpMVWMdnmmOnLxlRcmUdjEH7GTpKlxlgh/GVpaiR2GWwGSCLwt0hb6EHzUl4B9lK8nIWXT/XK2DUvrOnj6Spu0dzrNemO
  xvSDutwRaA88/YwX6c8S8Ym4PF4upWRxrmZc/STjkqnsM8TlBMuJFT+5sV/J/nRR1/0f0ZRfIZUxreCFNEPv2CVe/Jhj4eLSEOq2AI1W
  Qs9G8EhjJXrIBKUtxCp4mifT2qrfnOd69WVrR5zVPYf+u2MJ4tP5PbcvxXOP+6of+dZr1X8/Ja95aGdgVIbZDQpK4U0LlmO/va63u9jY
  FusEFN74pPFrNaEW55Mthaqv/tYIFhy66Qz9SIVVB76ylPCLkSNOpv/TmbKtcM9LJDXzAtKJqXVlvC0njlWEN//Kmd6W0nBLcRXAQAiJ
  u838Zg5BXg1OZ9ySEo1yqfiRcGPtl0OLadQJ4Bbj30/til2KQ5cA9B3PQdQD90gU6wOOUmA/na+6zFji1lH+L0WOS+Fwr0RX7EFN9qlA
  BuYvFFESMxS9EBTRc7qSzN7zGOJe1Xdgn+oN6d/KhSVFneHnbCBiS67sGJYX4tZmEmosBqtag8uxMhUyNg9hMmVCFQPbtAEjLWfCh+oI
  mrNsk7/1pWvWtk/7IDbKttmNznt4WxvnrU/ttC72GJ/RY9yQUohwOYj2Nl+cHSxpGITGQFg2gNmb/jzUYkwHWT7Gfx6o2F18WAUBSELU
  gLVxSQtkm8tagoaIvNVwjtebGPDph8hi+9Ly8JgnMWcfDNgsuvE+ixbYwGOOoxCcvZUbutFBBFv7OFytKsvBoK8ffTDmRE2J3wO/36GM
  x3G4GI/5mDRCnbAcObshSt0H/ghqH48HwZsfaz/5VqKXsb9P/lWU1Vjkk8VPx0C/wkx2RVLLkxpwb4qFIMsyIp0yKTW9UiVg0PXcT++v
  nbzEg1WWm7YP2Bw5hcC1auA4F+FWDyvawbtPgdiSstWwxIZPTijS1z7MSfnZ1sJjUTB+mbUrpl6K8raI2oSnUvXXJSO5GyC2bZX/H/Rj
  SAZWLyFVVFgzmsDOR/iJM2NGSHgj5QibQNjkcnx+vG2VklqPcnfpSXC6/KL0BrHIu1BbH4qV8XkQcNMEr5/JAoYFVECrf8kw50gxLSX7
  yiq1oRD0pLI0pNV1kDAdVQR+dHM7Y3KIbGFZHik0Ard8RE4GRR80pNPpfdcxWNgU2BvFewNJQkJbm9pp4gMv+eUy2btirgZriyF55ZVF
  4QwvjXHYf/dIPrLSP8AAlF/OvcmNhodku76ZsmyiGx7GIoTAv8NY4PzE8Ko2K19KvvqHjUWN/XSsL5YHxRmk4/s334y/qb9pfkPKxXTl
  hvFKP2j0zVMkoj0HbxzlIuclzYBIhozIvzxynrJGQ2LY9s1Xs8we2GMp5SQlVBV3YqpoitWuGsAKJCVmJpv4RRaLGkdTrKdL94mv7/8u
  fjxsM2IJO2/M20zo9QvSjAmyAGotuVroqpOXWw1iPD0ajBhgXTk1M4xbW7b2E2ytPHEPU6IHAfjYpquMWtLn6TxnQLWsUSesqimMe/Y8
  IHWJX3i9n34BSoBcssnp9PnIwDLv1gSYJ+uR8yvkWfSCwW+92SzgxXRaqowKqo+ymNlluSs3+SxsgDsVjFSl6U4PDniV+bbpDAowMueT
  n6pDbHh00Wv+j2qKQMlEmCuGJj/S+uKF+zn5hOWDd5qN9y12GdPy15qN6NXdHtEDc1TWZoTiAEyCpOZoqOUx1Ap2aLBE5tcFeFOL0CwR
  20VDEHjF9IKXcSG7f2pRrXPVzL007/jd5DegfTVuF81HsnggQ8lWJ5+yUUE+QdSazNcLYGUlE9MclbMeihtJssrnPf0by0wbNNmDMbH1
  tw94TjnyIzjZLxhhPUoGTfQg8dja4l8Lzr4z93wVroVe/DyIs7kS6xCclWouyWuv7qUaoAW14K0Oh1UA1wUnxLuO42xXGWQhzEQTxNKG
  zDbuOVZUoj2BiyqBd7HcE9Fhq9xzT0TeX41etWBxfhdKbImi1H2WSSZqIR5bE6QyK7aekPdmlgn4tfw8IeasVb7c2smbVrYrYRZt6vSP
  Zrk5eX6cNfMy+cDmrprMcz9qmoeNsD2hYeQcwQjCt9dK5TWRTVFNSTsLEdNkac4mTR37qXQaqdHy3HQ23AZwc4AWYEwqJyMdNuluk/PV
  dmaIEZeDjRlKKoMJCqrUDPHnYVkWaLNdc2MjZJf3MKcwEIDjc3ndTVAt6ilxgnBCwsXrhY8yYl94avue36+9/9ruDYaEkLKkYXNmsyaG
  CfauDjWg/kYXPtGgfek+gk8RB5uLEV6kzKiTqZJ0VY+uu/sebiLgigOz6mNf26NpjdDPU2WTKFA6XM3jsx5v1deAjj5CIdNhRBPvFNDY
  a/GiLOHYMNPxbF3bqr0rKkUVBOE=
`

/** The gear table, each word XORed with the seed, a number from 0 to 2^32 - 1. */
export function gearFor(seed: number): Gear {
  const bytes = Uint8Array.from(atob(gearBase64), (character) => character.charCodeAt(0))
  const words = new DataView(bytes.buffer)
  return {
    low: Int32Array.from({ length: 256 }, (_, byte) => words.getInt32(8 * byte + 4) ^ seed),
    high: Int32Array.from({ length: 256 }, (_, byte) => words.getInt32(8 * byte)),
  }
}
