// The public face of a configured model.
#include "access.hpp"
#include "configured_client.hpp"

namespace hailort {

using namespace std::chrono_literals;

namespace {

constexpr auto kJobPatience = 10s;

}  // namespace

ConfiguredInferModel FakeAccess::make_configured(std::shared_ptr<ConfiguredInferModelBase> model) {
  ConfiguredInferModel made;
  made.m_pimpl = std::move(model);
  return made;
}

AsyncInferJob FakeAccess::make_job(std::shared_ptr<AsyncInferJobBase> job) {
  AsyncInferJob made;
  made.m_pimpl = std::move(job);
  made.m_should_wait_in_dtor = true;
  return made;
}

AsyncInferJob::~AsyncInferJob() {
  if (m_should_wait_in_dtor) (void)wait(kJobPatience);
}

AsyncInferJob::AsyncInferJob(AsyncInferJob&& other) noexcept
    : m_pimpl(std::move(other.m_pimpl)),
      m_should_wait_in_dtor(std::exchange(other.m_should_wait_in_dtor, false)) {}

AsyncInferJob& AsyncInferJob::operator=(AsyncInferJob&& other) noexcept {
  m_pimpl = std::move(other.m_pimpl);
  m_should_wait_in_dtor = std::exchange(other.m_should_wait_in_dtor, false);
  return *this;
}

hailo_status AsyncInferJob::wait(std::chrono::milliseconds timeout) {
  m_should_wait_in_dtor = false;
  return m_pimpl ? m_pimpl->wait(timeout) : HAILO_SUCCESS;
}

void AsyncInferJob::detach() { m_should_wait_in_dtor = false; }

Expected<ConfiguredInferModel::Bindings> ConfiguredInferModel::create_bindings() {
  return m_pimpl->create_bindings({});
}

Expected<ConfiguredInferModel::Bindings> ConfiguredInferModel::create_bindings(
    const std::map<std::string, MemoryView>& buffers) {
  return m_pimpl->create_bindings(buffers);
}

hailo_status ConfiguredInferModel::wait_for_async_ready(std::chrono::milliseconds timeout,
                                                        uint32_t frames_count) {
  return m_pimpl->wait_for_async_ready(timeout, frames_count);
}

hailo_status ConfiguredInferModel::run(const Bindings& bindings,
                                       std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const hailo_status ready = wait_for_async_ready(timeout);
  if (ready != HAILO_SUCCESS) return ready;
  auto job = run_async(bindings);
  if (!job) return job.status();
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return job->wait(std::max(left, 0ms));
}

Expected<AsyncInferJob> ConfiguredInferModel::run_async(
    const Bindings& bindings, std::function<void(const AsyncInferCompletionInfo&)> callback) {
  return m_pimpl->run_async(bindings, std::move(callback));
}

Expected<AsyncInferJob> ConfiguredInferModel::run_async(
    const std::vector<Bindings>& bindings,
    std::function<void(const AsyncInferCompletionInfo&)> callback) {
  struct Group {
    std::mutex mutex;
    std::size_t left;
    hailo_status status = HAILO_SUCCESS;
  };
  auto group = std::make_shared<Group>();
  group->left = bindings.size();
  auto job = std::make_shared<AsyncInferJobBase>();
  const auto one_done = [group, job, callback](const AsyncInferCompletionInfo& info) {
    {
      const std::lock_guard lock(group->mutex);
      if (info.status != HAILO_SUCCESS) group->status = info.status;
      if (--group->left > 0) return;
    }
    if (callback) callback(AsyncInferCompletionInfo(group->status));
    job->done(group->status);
  };
  for (const auto& one : bindings) {
    auto started = run_async(one, one_done);
    if (!started) return make_unexpected(started.status());
    started->detach();
  }
  return FakeAccess::make_job(std::move(job));
}

hailo_status ConfiguredInferModel::set_scheduler_priority(uint8_t priority) {
  return m_pimpl->call([core_op = m_pimpl->core_op(), priority] {
    if (priority > HAILO_SCHEDULER_PRIORITY_MAX) return HAILO_INVALID_ARGUMENT;
    core_op->set_priority(priority);
    return HAILO_SUCCESS;
  });
}

Expected<size_t> ConfiguredInferModel::get_async_queue_size() const {
  return size_t{m_pimpl->queue_size()};
}

hailo_status ConfiguredInferModel::shutdown() { return m_pimpl->shutdown(); }

}  // namespace hailort
