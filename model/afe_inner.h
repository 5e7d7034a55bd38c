/* What the files of the front end share among themselves; nobody else includes this. */
#ifndef MODEL_AFE_INNER_H
#define MODEL_AFE_INNER_H

#include "model/afe.h"

/* Scans start anew at now + phase, numbers from 0, no register converted yet. */
void afe_start_scans(struct afe *a, int64_t now_ns);
/* After a pause: each scan goes on with its first start at or after now; the conversions between were never made. */
void afe_resume_scans(struct afe *a, int64_t now_ns);

static inline double afe_fault_value(const struct afe_fault *f, int64_t t_ns)
{
    return f->value + f->rate_per_s * 1e-9 * (double)(t_ns - f->since_ns);
}

#endif
