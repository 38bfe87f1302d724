// Several files in one, without compressing them: photos are compressed already.

import { zipSync } from "fflate";

/** The bytes of a zip file of [{ name, bytes }]. */
export function zipped(files) {
    return zipSync(Object.fromEntries(files.map(({ name, bytes }) => [name, [bytes, { level: 0 }]])));
}
