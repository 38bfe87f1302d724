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

  ;; sums[q] += weights[j] * rows[j][q], for j < count, a multiple of 4; four rows of weight 0 are passed over
  (func (export "add") (param $weights i32) (param $rows i32) (param $sums i32) (param $count i32) (param $row i32)
    (local $at i32) (local $end i32)
    (local $row0 i32) (local $row1 i32) (local $row2 i32) (local $row3 i32)
    (local $weight0 v128) (local $weight1 v128) (local $weight2 v128) (local $weight3 v128)
    (local.set $end (i32.add (local.get $sums) (local.get $row)))
    (block $done
      (loop $each
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $row0 (local.get $rows))
        (local.set $row1 (i32.add (local.get $row0) (local.get $row)))
        (local.set $row2 (i32.add (local.get $row1) (local.get $row)))
        (local.set $row3 (i32.add (local.get $row2) (local.get $row)))
        (local.set $rows (i32.add (local.get $row3) (local.get $row)))
        (if (v128.any_true (v128.load (local.get $weights)))
          (then
            (local.set $weight0 (v128.load32_splat (local.get $weights)))
            (local.set $weight1 (v128.load32_splat offset=4 (local.get $weights)))
            (local.set $weight2 (v128.load32_splat offset=8 (local.get $weights)))
            (local.set $weight3 (v128.load32_splat offset=12 (local.get $weights)))
            (local.set $at (local.get $sums))
            (loop $four
              (v128.store (local.get $at) (f32x4.add (v128.load (local.get $at)) (f32x4.add
                (f32x4.add
                  (f32x4.mul (local.get $weight0) (v128.load (local.get $row0)))
                  (f32x4.mul (local.get $weight1) (v128.load (local.get $row1))))
                (f32x4.add
                  (f32x4.mul (local.get $weight2) (v128.load (local.get $row2)))
                  (f32x4.mul (local.get $weight3) (v128.load (local.get $row3)))))))
              (local.set $row0 (i32.add (local.get $row0) (i32.const 16)))
              (local.set $row1 (i32.add (local.get $row1) (i32.const 16)))
              (local.set $row2 (i32.add (local.get $row2) (i32.const 16)))
              (local.set $row3 (i32.add (local.get $row3) (i32.const 16)))
              (local.set $at (i32.add (local.get $at) (i32.const 16)))
              (br_if $four (i32.lt_u (local.get $at) (local.get $end))))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (local.set $count (i32.sub (local.get $count) (i32.const 4)))
        (br $each)))))
