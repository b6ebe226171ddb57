#include "http/body_intake.hpp"

#include <boost/asio/use_awaitable.hpp>

#include "http/server_core.hpp"
#include "http/work_pool.hpp"

namespace npu::http {
namespace {

// What follows the first bytes of a large body is written in pieces of this size.
constexpr std::size_t kSpillBytes = 256 << 10;

tl::unexpected<Error> too_many() {
  return fail(ErrorCode::kOverloaded, "too many uploads at once", Millis(1000));
}

}  // namespace

BodyIntake::BodyIntake(ServerCore& core, ClientKey client)
    : core_(core), held_(core.buffered, client), in_memory_(core.in_memory, client) {}

bool BodyIntake::may_stay(std::size_t bytes) {
  const std::size_t most = file_.size() > 0 ? kSpillBytes : core_.options.spool->over();
  return bytes <= most && in_memory_.grow_to(bytes);
}

awaitable<Status> BodyIntake::arrived(std::string& text) {
  if (!held_.grow_to(file_.size() + text.size())) co_return too_many();
  if (core_.options.spool == nullptr || may_stay(text.size())) co_return Status{};
  co_return co_await spill(text);
}

awaitable<Result<Body>> BodyIntake::finish(std::string text) {
  if (file_.size() == 0) co_return Body(std::move(text));
  if (const Status spilled = co_await spill(text); !spilled) co_return fail(spilled.error());
  co_return file_.finish();
}

Status BodyIntake::hold(std::size_t bytes) {
  if (!held_.grow_to(bytes)) return too_many();
  return {};
}

awaitable<Status> BodyIntake::spill(std::string& text) {
  Status written;
  const auto write = [&] { written = file_.append(*core_.options.spool, text); };
  if (core_.options.disk_pool != nullptr) {
    const PoolTurn turn({}, held_.client(), PoolEntry::kContinued);
    const Status ran = co_await core_.options.disk_pool->run(write, turn);
    if (!ran) co_return ran;
  } else {
    write();
  }
  // Its memory too: the first piece is larger than those that follow.
  text = std::string();
  in_memory_.drop();
  co_return written;
}

void BodyIntake::drop() {
  held_.drop();
  in_memory_.drop();
  file_.drop();
}

}  // namespace npu::http
