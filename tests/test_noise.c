#include "model/noise.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>

#define DRAWS 200000

START_TEST(the_same_key_gives_the_same_number_in_any_order)
{
    double forth[100];

    for (uint64_t i = 0; i < 100; i++) {
        forth[i] = noise_gauss(&(struct noise_key){ 7, 1, 3, i });
    }
    for (uint64_t i = 100; i-- > 0;) {
        const double again = noise_gauss(&(struct noise_key){ 7, 1, 3, i });

        ck_assert(again >= forth[i] && again <= forth[i]);
    }
}
END_TEST

START_TEST(a_bit_in_any_part_of_the_key_flips_half_of_the_hash)
{
    double worst = 0.0;

    for (int bit = 0; bit < 192; bit++) {
        int flips = 0;

        for (uint64_t i = 0; i < 256; i++) {
            struct noise_key key = { 42, 3, 9, i };
            const uint64_t before = noise_hash(&key);

            if (bit < 64) {
                key.seed ^= UINT64_C(1) << bit;
            } else if (bit < 96) {
                key.pack ^= UINT32_C(1) << (bit - 64);
            } else if (bit < 128) {
                key.channel ^= UINT32_C(1) << (bit - 96);
            } else {
                key.index ^= UINT64_C(1) << (bit - 128);
            }
            for (uint64_t d = before ^ noise_hash(&key); d != 0; d &= d - 1) {
                flips++;
            }
        }
        worst = fmax(worst, fabs(flips / 256.0 - 32.0));
    }
    ck_assert_double_lt(worst, 1.5); /* 6 sigma of the mean of 256: 4/16 each */
}
END_TEST

START_TEST(uniform_numbers_fill_the_open_unit_interval_evenly)
{
    int bin[20] = { 0 };
    double chi2 = 0.0;

    for (uint64_t i = 0; i < DRAWS; i++) {
        const double u = noise_uniform(&(struct noise_key){ 1, 0, 0, i });

        ck_assert(u > 0.0 && u < 1.0);
        bin[(int)(u * 20.0)]++;
    }
    for (int b = 0; b < 20; b++) {
        const double expected = DRAWS / 20.0;

        chi2 += (bin[b] - expected) * (bin[b] - expected) / expected;
    }
    ck_assert_double_lt(chi2, 43.8); /* 19 degrees of freedom, p = 0.001 */
}
END_TEST

START_TEST(gaussian_numbers_have_the_moments_and_tails_of_a_normal_law)
{
    double sum = 0.0, sum2 = 0.0, sum4 = 0.0, lag = 0.0, last = 0.0;
    int beyond2 = 0, beyond3 = 0;

    for (uint64_t i = 0; i < DRAWS; i++) {
        const double x = noise_gauss(&(struct noise_key){ 5, 2, 31, i });

        ck_assert_double_lt(fabs(x), 8.7);
        sum += x;
        sum2 += x * x;
        sum4 += x * x * x * x;
        lag += x * last;
        last = x;
        beyond2 += fabs(x) > 2.0;
        beyond3 += fabs(x) > 3.0;
    }
    ck_assert_double_lt(fabs(sum / DRAWS), 4.5 / sqrt(DRAWS));
    ck_assert_double_lt(fabs(sum2 / DRAWS - 1.0), 4.5 * sqrt(2.0 / DRAWS));
    ck_assert_double_lt(fabs(sum4 / DRAWS - 3.0), 4.5 * sqrt(96.0 / DRAWS));
    ck_assert_double_lt(fabs(lag / DRAWS), 4.5 / sqrt(DRAWS));
    ck_assert_double_eq_tol(beyond2 / (double)DRAWS, 0.04550, 0.0021);
    ck_assert_double_eq_tol(beyond3 / (double)DRAWS, 0.00270, 0.0006);
}
END_TEST

START_TEST(channels_packs_and_seeds_do_not_follow_each_other)
{
    const struct noise_key a = { 5, 0, 0, 0 };
    const struct noise_key others[] = { { 6, 0, 0, 0 }, { 5, 1, 0, 0 }, { 5, 0, 1, 0 }, { 5, 0, 0, 1 } };

    for (size_t n = 0; n < sizeof others / sizeof others[0]; n++) {
        double product = 0.0;

        for (uint64_t i = 0; i < 20000; i++) {
            struct noise_key x = a, y = others[n];

            x.index += i;
            y.index += i;
            product += noise_gauss(&x) * noise_gauss(&y);
        }
        ck_assert_double_lt(fabs(product / 20000.0), 4.5 / sqrt(20000.0));
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("noise");
    TCase *const tc = tcase_create("noise");

    tcase_add_test(tc, the_same_key_gives_the_same_number_in_any_order);
    tcase_add_test(tc, a_bit_in_any_part_of_the_key_flips_half_of_the_hash);
    tcase_add_test(tc, uniform_numbers_fill_the_open_unit_interval_evenly);
    tcase_add_test(tc, gaussian_numbers_have_the_moments_and_tails_of_a_normal_law);
    tcase_add_test(tc, channels_packs_and_seeds_do_not_follow_each_other);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
