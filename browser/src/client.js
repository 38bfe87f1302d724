// The page's side of the worker: jobs as promises, which can be cancelled, with progress.

const PATIENCE = 3000; // milliseconds until a worker that does not hear a cancellation is ended

export class Client {
    /** `script` is the worker's address. `restarted` hears when it had to be ended and begun again. */
    constructor(script, restarted) {
        Object.assign(this, { script, restarted, jobs: new Map(), next: 1 });
    }

    /** Start the worker, from a copy of its script: so it inherits the page's policy of what may be fetched. */
    async start() {
        const code = await (await fetch(this.script)).blob();
        this.address ??= URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
        this.worker = new Worker(this.address);
        this.worker.onmessage = ({ data }) => this.hear(data);
        this.worker.onerror = () => this.fail({ code: "unexpected", values: { error: "worker" } });
    }

    /** The result of a job; rejects with { code, values }. The promise has `cancel()`. */
    run(job, options = {}, progress = () => {}) {
        const id = this.next++;
        const promise = new Promise((resolve, reject) => this.jobs.set(id, { resolve, reject, progress }));
        this.worker.postMessage({ id, job, ...options });
        promise.cancel = () => this.cancel(id);
        return promise;
    }

    cancel(id) {
        if (!this.jobs.has(id)) return;
        this.worker.postMessage({ job: "cancel", job_id: id });
        setTimeout(async () => {
            if (!this.jobs.has(id)) return;
            this.worker.terminate();
            this.fail({ code: "cancelled" });
            await this.start();
            this.restarted();
        }, PATIENCE);
    }

    hear({ id, result, error, progress }) {
        const job = this.jobs.get(id);
        if (!job) return;
        if (progress) return void job.progress(progress);
        this.jobs.delete(id);
        if (error) job.reject(error);
        else job.resolve(result);
    }

    fail(error) {
        for (const { reject } of this.jobs.values()) reject(error);
        this.jobs.clear();
    }
}
