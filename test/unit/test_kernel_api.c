// SPDX-License-Identifier: GPL-2.0-only
/* The world's version of the kernel API, where the driver alone would not show what it does. */
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include <world/linux/internal.h>
#include <world/linux/kernel.h>

#define THREADS	   4
#define THREAD_ADD 20000

static void indices_are_the_lowest_free_ones(void **state)
{
	struct xarray xa;
	u32 id, i;

	(void)state;
	xa_init_flags(&xa, XA_FLAGS_ALLOC1);
	for (i = 1; i <= 40; i++) {
		assert_int_equal(xa_alloc(&xa, &id, xa_mk_value(i), XA_LIMIT(1, 40), GFP_KERNEL),
				 0);
		assert_int_equal(id, i);
	}
	assert_int_equal(xa_alloc(&xa, &id, xa_mk_value(0), XA_LIMIT(1, 40), GFP_KERNEL), -EBUSY);
	assert_int_equal(xa_to_value(xa_erase(&xa, 30)), 30);
	assert_int_equal(xa_to_value(xa_erase(&xa, 7)), 7);
	assert_null(xa_erase(&xa, 7));
	assert_null(xa_load(&xa, 7));
	assert_null(xa_load(&xa, ULONG_MAX));
	assert_int_equal(xa_alloc(&xa, &id, xa_mk_value(1ul << 40), XA_LIMIT(1, 40), GFP_KERNEL),
			 0);
	assert_int_equal(id, 7);
	assert_true(xa_to_value(xa_load(&xa, 7)) == 1ul << 40);
	assert_int_equal(xa_alloc(&xa, &id, xa_mk_value(0), XA_LIMIT(8, 40), GFP_KERNEL), 0);
	assert_int_equal(id, 30);
	xa_destroy(&xa);
}

static struct mutex mutex;
static unsigned long sum;

static void *add(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < THREAD_ADD; i++) {
		mutex_lock(&mutex);
		sum++;
		mutex_unlock(&mutex);
	}
	return NULL;
}

static void mutex_excludes(void **state)
{
	pthread_t threads[THREADS];
	int i;

	(void)state;
	mutex_init(&mutex);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add, NULL), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(sum, THREADS * THREAD_ADD);
	mutex_destroy(&mutex);
}

static bool stop_hogging;

static void *hog(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&stop_hogging, __ATOMIC_RELAXED)) {
		mutex_lock(&mutex);
		usleep_range(100, 100);
		mutex_unlock(&mutex);
	}
	return NULL;
}

/* Whoever takes the mutex again at once has it nearly always, but not always. */
static void mutex_is_handed_to_who_waits(void **state)
{
	pthread_t threads[2];
	int i;

	(void)state;
	mutex_init(&mutex);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hog, NULL), 0);
	for (i = 0; i < 200; i++) {
		mutex_lock(&mutex);
		mutex_unlock(&mutex);
	}
	__atomic_store_n(&stop_hogging, true, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	mutex_destroy(&mutex);
}

static bool is_killed(struct world_task *task)
{
	(void)task;
	return true;
}

static bool never_killed(struct world_task *task)
{
	(void)task;
	return false;
}

static unsigned int turns;

/* A task that can be killed looks now and then whether it is. */
static void *wait_killable(void *arg)
{
	struct world_task task = { .killed = never_killed };

	(void)arg;
	world_set_task(&task);
	while (!__atomic_load_n(&stop_hogging, __ATOMIC_RELAXED)) {
		if (mutex_lock_killable(&mutex))
			return NULL;
		turns++;
		mutex_unlock(&mutex);
	}
	world_set_task(NULL);
	return NULL;
}

static bool is_claimed(void)
{
	bool claimed;

	pthread_mutex_lock(&mutex.guard);
	claimed = mutex.handoff;
	pthread_mutex_unlock(&mutex.guard);
	return claimed;
}

static void the_first_waiters_claim_outlives_looks_of_the_others(void **state)
{
	pthread_t threads[8];
	unsigned int before;
	int i;

	(void)state;
	stop_hogging = false;
	mutex_init(&mutex);
	mutex_lock(&mutex);
	for (i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wait_killable, NULL), 0);
	for (i = 0; i < 20; i++) {
		while (!is_claimed())
			usleep_range(1000, 1000);
		/* Meanwhile the others look. */
		usleep_range(15000, 15000);
		before = turns;
		mutex_unlock(&mutex);
		mutex_lock(&mutex);
		assert_int_not_equal(turns, before);
	}
	__atomic_store_n(&stop_hogging, true, __ATOMIC_RELAXED);
	mutex_unlock(&mutex);
	for (i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	mutex_destroy(&mutex);
}

static void killed_task_leaves_the_queue(void **state)
{
	struct world_task task = { .killed = is_killed };

	(void)state;
	mutex_init(&mutex);
	mutex_lock(&mutex);
	world_set_task(&task);
	assert_int_equal(mutex_lock_killable(&mutex), -EINTR);
	mutex_unlock(&mutex);
	assert_int_equal(mutex_lock_killable(&mutex), 0);
	mutex_unlock(&mutex);
	world_set_task(NULL);
	mutex_destroy(&mutex);
}

static struct delayed_work work;
static unsigned int runs;

static void run_again(struct work_struct *w)
{
	assert_ptr_equal(to_delayed_work(w), &work);
	__atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED);
	queue_delayed_work(system_long_wq, &work, 1);
}

static void work_runs_until_it_is_cancelled(void **state)
{
	unsigned int seen;

	(void)state;
	INIT_DELAYED_WORK(&work, run_again);
	assert_false(cancel_delayed_work_sync(&work));
	assert_true(queue_delayed_work(system_long_wq, &work, 3600 * HZ));
	assert_false(queue_delayed_work(system_long_wq, &work, 0));
	msleep(20);
	assert_int_equal(__atomic_load_n(&runs, __ATOMIC_RELAXED), 0);

	assert_true(mod_delayed_work(system_long_wq, &work, 0));
	while (__atomic_load_n(&runs, __ATOMIC_RELAXED) < 5)
		msleep(1);
	cancel_delayed_work_sync(&work);
	seen = __atomic_load_n(&runs, __ATOMIC_RELAXED);
	msleep(20);
	assert_int_equal(__atomic_load_n(&runs, __ATOMIC_RELAXED), seen);
	workqueue_stop();
	workqueue_stop();
}

static int sealed_file(size_t page_count)
{
	int fd = memfd_create("pages", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)(page_count * PAGE_SIZE)), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	return fd;
}

static void adjacent_pages_are_one_entry(void **state)
{
	struct page *pages[4], *order[4];
	int fd = sealed_file(4);
	struct sg_table table;
	struct scatterlist *sg;
	int i;

	(void)state;
	assert_int_equal(pages_adopt(fd, 4, pages), 0);
	close(fd);

	assert_int_equal(sg_alloc_table_from_pages(&table, pages, 4, 0, 4 * PAGE_SIZE, GFP_KERNEL),
			 0);
	assert_int_equal(table.nents, 1);
	assert_int_equal(table.sgl->length, 4 * PAGE_SIZE);
	assert_null(sg_next(table.sgl));
	sg_free_table(&table);

	order[0] = pages[2];
	order[1] = pages[3];
	order[2] = pages[0];
	order[3] = pages[1];
	assert_int_equal(sg_alloc_table_from_pages(&table, order, 4, 8, 3 * PAGE_SIZE, GFP_KERNEL),
			 0);
	assert_int_equal(table.nents, 2);
	sg = table.sgl;
	assert_true(sg_phys(sg) == page_to_phys(pages[2]) + 8);
	assert_int_equal(sg->length, 2 * PAGE_SIZE - 8);
	sg = sg_next(sg);
	assert_true(sg_phys(sg) == page_to_phys(pages[0]));
	assert_int_equal(sg->length, PAGE_SIZE + 8);
	sg_free_table(&table);
	assert_int_equal(sg_alloc_table_from_pages(&table, pages, 4, 0, PAGE_SIZE, GFP_KERNEL),
			 -EINVAL);

	/* One reference keeps the memory. */
	get_page(pages[1]);
	for (i = 0; i < 4; i++)
		put_page(pages[i]);
	*(volatile u8 *)(uintptr_t)page_to_phys(pages[1]) = 1;
	put_page(pages[1]);
}

static void messages_are_formatted_as_in_the_kernel(void **state)
{
	const uuid_t uuid = UUID_INIT(0xbdcd76d7, 0x825e, 0x4751, 0x96, 0x3b, 0x86, 0xd4, 0xf8,
				      0x49, 0x43, 0xac);
	static char page[PAGE_SIZE];
	static char line[2 * PAGE_SIZE];

	(void)state;
	assert_int_equal(sysfs_emit(page, "%d%% 0x%04x %s", -1, 0x12, "text"), 15);
	assert_string_equal(page, "-1% 0x0012 text");
	sysfs_emit(page, "%llu %lu %zu %c", ~0ull, ~0ul, (size_t)7, 'c');
	assert_string_equal(page, "18446744073709551615 18446744073709551615 7 c");
	sysfs_emit(page, "%u %pUb %u\n", 1u, uuid.b, 2u);
	assert_string_equal(page, "1 bdcd76d7-825e-4751-963b-86d4f84943ac 2\n");
	memset(line, 'x', sizeof(line) - 1);
	assert_int_equal(sysfs_emit(page, "%s", line), PAGE_SIZE - 1);
}

static void small_things_do_what_they_say(void **state)
{
	static const u8 bytes[] = { 0, 0, 0, 1 };

	(void)state;
	assert_null(memchr_inv(bytes, 0, 3));
	assert_ptr_equal(memchr_inv(bytes, 0, 4), &bytes[3]);
	assert_null(alloc_pages_exact(0, GFP_KERNEL));
	assert_null(alloc_pages_exact((4ul << 20) + 1, GFP_KERNEL));
	assert_null(kcalloc(SIZE_MAX / 2, 4, GFP_KERNEL));
	assert_true(IS_ERR(ERR_PTR(-EINVAL)));
	assert_false(IS_ERR(NULL));
	assert_int_equal(ALIGN(4097ul, PAGE_SIZE), 8192);
	assert_true(time_after(1ul, ULONG_MAX));
	assert_int_equal(min(min(3u, 2u), 4u), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indices_are_the_lowest_free_ones),
		cmocka_unit_test(mutex_excludes),
		cmocka_unit_test(mutex_is_handed_to_who_waits),
		cmocka_unit_test(the_first_waiters_claim_outlives_looks_of_the_others),
		cmocka_unit_test(killed_task_leaves_the_queue),
		cmocka_unit_test(work_runs_until_it_is_cancelled),
		cmocka_unit_test(adjacent_pages_are_one_entry),
		cmocka_unit_test(messages_are_formatted_as_in_the_kernel),
		cmocka_unit_test(small_things_do_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
