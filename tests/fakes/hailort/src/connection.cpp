#include "connection.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "hailo/expected.hpp"

namespace hailo_fake {

using namespace std::chrono_literals;

namespace {

constexpr auto kUsualPatience = 10s;
constexpr auto kLongPatience = 45s;
// However quickly time passes: a busy machine is not a stuck chip.
constexpr auto kLeastPatience = 200ms;

// The answer to a synchronous call, which may come when nobody waits any more.
struct Answer {
  std::mutex mutex;
  std::condition_variable there;
  std::optional<hailo_status> status;
};

}  // namespace

hailort::Expected<std::shared_ptr<Connection>> Connection::open(std::shared_ptr<Machine> machine) {
  if (machine->chip.booting()) return hailort::make_unexpected(HAILO_CONNECTION_REFUSED);
  const hailo_status channel = machine->chip.open_channel();
  if (channel != HAILO_SUCCESS) return hailort::make_unexpected(channel);
  return std::shared_ptr<Connection>(new Connection(std::move(machine)));
}

Connection::Connection(std::shared_ptr<Machine> machine)
    : machine_(std::move(machine)), session_(machine_->chip.session()) {
  actor_ = std::thread([this] { act(); });
  replier_ = std::thread([this] { reply(); });
}

Connection::~Connection() { close(); }

void Connection::act() {
  std::unique_lock lock(mutex_);
  for (;;) {
    action_there_.wait(lock, [&] { return closed_ || !actions_.empty(); });
    if (closed_) return;
    auto action = std::exchange(actions_.front(), {});
    actions_.pop_front();
    lock.unlock();
    action();
    action = {};  // may hold the last reference to what locks the chip when it ends
    lock.lock();
  }
}

void Connection::reply() {
  std::unique_lock lock(mutex_);
  for (;;) {
    reply_there_.wait(lock, [&] { return closed_ || !replies_.empty(); });
    if (replies_.empty()) return;
    auto one = std::exchange(replies_.front(), {});
    replies_.pop_front();
    lock.unlock();
    one();
    one = {};
    lock.lock();
  }
}

hailo_status Connection::call(std::function<hailo_status()> action, Patience patience,
                              const Verdict& verdict) {
  if (verdict.hang) hang_after(verdict, *machine_);
  auto answer = std::make_shared<Answer>();
  const Request request = begin([answer](hailo_status status) {
    {
      const std::lock_guard lock(answer->mutex);
      answer->status = status;
    }
    answer->there.notify_one();
  });
  if (request == 0) return HAILO_COMMUNICATION_CLOSED;
  post([this, request, action = std::move(action), verdict] {
    const hailo_status status = perform(action, verdict);
    if (!verdict.reply_is_lost) this->answer(request, status);
  });

  std::unique_lock lock(answer->mutex);
  const auto time = std::max<npu::Duration>(
      machine_->settings.scaled(patience == Patience::kLong ? kLongPatience : kUsualPatience),
      kLeastPatience);
  if (!answer->there.wait_for(lock, time, [&] { return answer->status.has_value(); })) {
    const std::lock_guard pending(mutex_);
    pending_.erase(request);
    return HAILO_TIMEOUT;
  }
  return *answer->status;
}

hailo_status Connection::perform(const std::function<hailo_status()>& action,
                                 const Verdict& verdict) {
  if (verdict.no_reply) stand_still();
  if (verdict.restart) machine_->chip.restart();
  if (verdict.ends_session()) {
    lose();
    return HAILO_COMMUNICATION_CLOSED;
  }
  if (verdict.delay.count() > 0 && !sleep(verdict.delay)) return HAILO_COMMUNICATION_CLOSED;
  if (verdict.status != HAILO_SUCCESS) return verdict.status;
  if (machine_->chip.session() != session_) {
    lose();
    return HAILO_COMMUNICATION_CLOSED;
  }
  return action();
}

void Connection::stand_still() {
  auto& chip = machine_->chip;
  const auto wait = [&](Chip::Session session) {
    return chip.sleep_until(npu::SteadyTime::max(), session, [this] { return ending(); });
  };
  (void)wait(session_);
  while (deaf_ && !ending()) (void)wait(chip.session());
}

bool Connection::sleep(npu::Duration time) {
  const auto woken = machine_->chip.sleep_for(time, session_, [this] { return ending(); });
  if (woken == Chip::Wake::kRestarted) lose();
  return woken == Chip::Wake::kTime;
}

Connection::Request Connection::begin(OnReply on_reply) {
  if (!usable()) return 0;
  const std::lock_guard lock(mutex_);
  if (lost_ || closed_) return 0;
  pending_.emplace(++last_, std::move(on_reply));
  return last_;
}

void Connection::post(std::function<void()> action) {
  {
    const std::lock_guard lock(mutex_);
    actions_.push_back(std::move(action));
  }
  action_there_.notify_one();
}

void Connection::answer(Request request, hailo_status status, std::function<void()> deliver) {
  if (deaf_ && !ending()) return;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(request);
    if (found == pending_.end()) return;
    replies_.push_back([on_reply = std::move(found->second), status, deliver = std::move(deliver)] {
      if (deliver) deliver();
      on_reply(status);
    });
    pending_.erase(found);
  }
  reply_there_.notify_one();
}

void Connection::lose() {
  if (deaf_ && !ending()) return;
  {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    for (auto& entry : pending_) {
      replies_.push_back(
          [on_reply = std::move(entry.second)] { on_reply(HAILO_COMMUNICATION_CLOSED); });
    }
    pending_.clear();
  }
  reply_there_.notify_one();
  close_channel();
}

void Connection::close_channel() {
  if (has_channel_.exchange(false)) machine_->chip.close_channel(session_);
}

bool Connection::usable() {
  if (machine_->chip.session() != session_) lose();
  const std::lock_guard lock(mutex_);
  return !lost_ && !closed_;
}

void Connection::restart_unheard() {
  deaf_ = true;
  machine_->chip.restart();
  stand_still();
}

void Connection::close() {
  std::vector<std::weak_ptr<Service>> services;
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    ending_ = true;
    services.swap(services_);
  }
  machine_->chip.ring();
  for (const auto& entry : services) {
    if (const auto service = entry.lock()) service->stop(HAILO_COMMUNICATION_CLOSED);
  }
  lose();
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  action_there_.notify_one();
  reply_there_.notify_one();
  actor_.join();
  replier_.join();
}

void Connection::keep(const std::shared_ptr<Service>& service) {
  const std::lock_guard lock(mutex_);
  std::erase_if(services_, [](const auto& entry) { return entry.expired(); });
  services_.push_back(service);
}

}  // namespace hailo_fake
