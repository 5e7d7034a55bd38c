/* Access levels: who may write what. */
#include "bms_core/bms_inner.h"

#define NEVER_us UINT64_MAX
#define LEVELS (BMS_ACCESS_FACTORY + 1)

static int32_t code_of(const struct bms_params *p, unsigned access)
{
    return p->value[BMS_PARAM_ACCESS_USER + access];
}

/* A level without a code is open with the one below it. */
static uint8_t raised(const struct bms_params *p, unsigned level)
{
    while (level < LEVELS && code_of(p, level) == 0) {
        level++;
    }
    return (uint8_t)level;
}

void access_codes(struct bms *b)
{
    b->command.access = raised(&b->params, b->control.entered);
}

void access_close(struct bms *b)
{
    b->control.entered = 0;
    b->control.session_end_us = NEVER_us;
    access_codes(b);
}

/* ---- wrong passwords ----------------------------------------------------------------------------------------------
 */

/* Locks if the wrong ones are too many: at the last of them, and anew at a boot that finds them in the memory. */
static bool lock_out(struct bms *b)
{
    const int32_t *p = b->params.value;
    struct control *c = &b->control;

    if (p[BMS_PARAM_ACCESS_TRIES] == 0 || c->wrong < (uint32_t)p[BMS_PARAM_ACCESS_TRIES]) {
        return false;
    }
    c->locked_until_us = b->now_us + (uint64_t)p[BMS_PARAM_ACCESS_LOCKOUT] * BMS_SECOND_us;
    return true;
}

/* The memory hears of each change, so that a restart gives nobody another try. */
static void count_wrong(struct bms *b, uint8_t wrong)
{
    if (b->control.wrong != wrong) {
        b->control.wrong = wrong;
        act_counters(b, b->now_us);
    }
}

static enum bms_param_error refuse(struct bms *b)
{
    if (b->params.value[BMS_PARAM_ACCESS_TRIES] != 0) {
        count_wrong(b, (uint8_t)(b->control.wrong + 1));
    }
    if (lock_out(b)) {
        act_record(b, BMS_CAUSE_ACCESS, 0, b->now_us);
    }
    return BMS_PARAM_ACCESS;
}

void access_init(struct bms *b, uint8_t wrong)
{
    b->control.wrong = wrong;
    b->control.locked_until_us = NEVER_us;
    (void)lock_out(b);
}

/* ---- passwords ----------------------------------------------------------------------------------------------------
 */

enum bms_param_error access_enter(struct bms *b, int32_t code)
{
    const int32_t session_s = b->params.value[BMS_PARAM_ACCESS_SESSION];
    struct control *c = &b->control;

    if (code == 0) {
        access_close(b);
        return BMS_PARAM_OK;
    }
    if (c->locked_until_us != NEVER_us) {
        return BMS_PARAM_LOCKED;
    }
    for (unsigned access = LEVELS; access-- > 0;) {
        if (code_of(&b->params, access) == code) {
            count_wrong(b, 0);
            c->entered = (uint8_t)(access + 1);
            c->session_end_us = session_s == 0 ? NEVER_us : b->now_us + (uint64_t)session_s * BMS_SECOND_us;
            access_codes(b);
            return BMS_PARAM_OK;
        }
    }
    return refuse(b);
}

/* What the product fixes no level may change. */
static bool is_fixed(const struct bms_params *p, uint16_t id)
{
    return (id == BMS_PARAM_LIMITER_CURRENT && p->value[BMS_PARAM_LIMITER_FIXED] != 0) ||
           (id == BMS_PARAM_SCD_THRESHOLD && p->value[BMS_PARAM_SCD_FIXED] != 0);
}

bool access_allows(const struct bms *b, uint16_t id)
{
    return b->command.access > bms_param_table[id].access && !is_fixed(&b->params, id);
}

void access_follow(struct bms *b, uint64_t now_us)
{
    struct control *c = &b->control;

    if (c->session_end_us <= now_us) {
        access_close(b);
    }
    if (c->locked_until_us <= now_us) {
        c->locked_until_us = NEVER_us;
        count_wrong(b, 0);
    }
}
