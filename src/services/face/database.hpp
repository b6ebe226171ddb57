// The face database as handlers use it: on a thread of its own, opened when it is first asked for,
// and tried again where that failed, so that a restored or unlocked one is there without a restart.
//
//   auto people = co_await database.use(request, [&](FaceStore& store) { return store.list(model);
//   }); if (!people) co_return fail(people.error());    // in words for the client, without paths
//
// Used on the event loop.
#pragma once

#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "http/request.hpp"
#include "http/work_pool.hpp"
#include "services/face/store/face_store.hpp"

namespace npu::face {

using http::awaitable;

struct DatabaseRules {
  bool enabled = true;
  StoreRules store;
};

class Database {
 public:
  // rules must outlive it.
  explicit Database(const DatabaseRules& rules) : rules_(rules) {}

  bool enabled() const { return rules_.enabled; }
  // Opens it, if it is enabled, and logs what is wrong with it. Blocks: before the service runs.
  void open();

  // fn(FaceStore&), which gives a Result, on the database's thread.
  template <class F>
  auto use(const http::Request& request, F fn) -> awaitable<std::invoke_result_t<F&, FaceStore&>> {
    using Out = std::invoke_result_t<F&, FaceStore&>;
    if (!rules_.enabled) co_return fail(ErrorCode::kUnavailable, "Database not enabled");
    co_return co_await http::on(
        thread_,
        [&]() -> Out {
          const auto store = opened();
          if (!store) return fail(for_client(store.error()));
          Out out = fn(**store);
          if (!out) return fail(failed(out.error()));
          return out;
        },
        request.turn());
  }

 private:
  // On the database's thread.
  Result<FaceStore*> opened();
  Error failed(const Error& error);
  static Error for_client(const Error& error);

  const DatabaseRules& rules_;
  std::optional<FaceStore> store_;
  Error why_not_;
  SteadyTime try_again_ = SteadyTime::min();
  http::WorkPool thread_{{.threads = 1}};  // the last: what it runs uses the others
};

}  // namespace npu::face
