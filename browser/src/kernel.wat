;; The innermost loops of hints.js in SIMD: numbers are float32, lengths of rows are in bytes, multiples of 16.
;; `node kernel.mjs` writes src/kernel.js of it.
(module
  (memory (export "memory") 1)

  ;; out[j] = the sum over c of own[c] * others[j][c], for j < count
  (func (export "dots") (param $own i32) (param $others i32) (param $out i32) (param $count i32) (param $row i32)
    (local $at i32) (local $end i32) (local $sum v128)
    (block $done
      (loop $each
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $sum (v128.const f32x4 0 0 0 0))
        (local.set $at (local.get $own))
        (local.set $end (i32.add (local.get $own) (local.get $row)))
        (loop $four
          (local.set $sum (f32x4.add (local.get $sum)
            (f32x4.mul (v128.load (local.get $at)) (v128.load (local.get $others)))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $others (i32.add (local.get $others) (i32.const 16)))
          (br_if $four (i32.lt_u (local.get $at) (local.get $end))))
        (f32.store (local.get $out) (f32.add
          (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
          (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $each))))

  ;; sums[q] += weights[j] * rows[j][q], for j < count; rows of weight 0 are passed over
  (func (export "add") (param $weights i32) (param $rows i32) (param $sums i32) (param $count i32) (param $row i32)
    (local $at i32) (local $end i32) (local $weight f32) (local $weight4 v128) (local $from i32)
    (local.set $end (i32.add (local.get $sums) (local.get $row)))
    (block $done
      (loop $each
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $weight (f32.load (local.get $weights)))
        (if (f32.ne (local.get $weight) (f32.const 0))
          (then
            (local.set $weight4 (f32x4.splat (local.get $weight)))
            (local.set $at (local.get $sums))
            (local.set $from (local.get $rows))
            (loop $four
              (v128.store (local.get $at) (f32x4.add (v128.load (local.get $at))
                (f32x4.mul (local.get $weight4) (v128.load (local.get $from)))))
              (local.set $at (i32.add (local.get $at) (i32.const 16)))
              (local.set $from (i32.add (local.get $from) (i32.const 16)))
              (br_if $four (i32.lt_u (local.get $at) (local.get $end))))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 4)))
        (local.set $rows (i32.add (local.get $rows) (local.get $row)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $each)))))
