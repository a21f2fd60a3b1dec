;; The rolling hash of FastCDC 2020 in 64-bit arithmetic, two bytes a step (section 3.7 of the paper).
;; kernel.ts holds this module assembled; kernel.test.ts fails when the two differ.
;;
;; Memory, one page, little-endian:
;;      0  the hash, kept between calls
;;      8  the strict mask, and at 16 the loose one
;;   1024  the gear table: 256 words of 8 bytes
;;   3072  the same, each word shifted left by one bit
;;   8192  the window: the bytes to read, up to the end of the page
(module
  (memory (export "memory") 1 1)

  ;; Reads the bytes from $at up to $end, which are an even number, and returns the address of the first at which
  ;; the hash has no bit of the mask at $mask_at, or $end. After a find, the hash must be set to zero.
  (func (export "scan") (param $at i32) (param $end i32) (param $mask_at i32) (result i32)
    (local $hash i64)
    (local $mask i64)
    (local $shifted_mask i64)
    (local.set $hash (i64.load (i32.const 0)))
    (local.set $mask (i64.load (local.get $mask_at)))
    (local.set $shifted_mask (i64.shl (local.get $mask) (i64.const 1)))
    (block $found
      (br_if $found (i32.ge_u (local.get $at) (local.get $end)))
      (loop $step
        ;; The first byte of the pair: hash, word and mask are all one bit further left than their plain values.
        (local.set $hash
          (i64.add
            (i64.shl (local.get $hash) (i64.const 2))
            (i64.load offset=3072 (i32.shl (i32.load8_u (local.get $at)) (i32.const 3)))))
        (br_if $found (i64.eqz (i64.and (local.get $hash) (local.get $shifted_mask))))
        ;; The second byte: no further shift is needed.
        (local.set $hash
          (i64.add
            (local.get $hash)
            (i64.load offset=1024 (i32.shl (i32.load8_u offset=1 (local.get $at)) (i32.const 3)))))
        (if (i64.eqz (i64.and (local.get $hash) (local.get $mask)))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $found)))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (br_if $step (i32.lt_u (local.get $at) (local.get $end)))))
    (i64.store (i32.const 0) (local.get $hash))
    (local.get $at)))
