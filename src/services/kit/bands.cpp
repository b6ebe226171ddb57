#include "services/kit/bands.hpp"

#include <utility>

namespace npu::kit {
namespace {

constexpr std::size_t kBandBytes = std::size_t{256} << 10;

// Writes the band that is there, then the others.
class BandsBody {
 public:
  BandsBody(std::unique_ptr<Bands> bands, const std::string& first, http::WorkPool& pool,
            http::PoolTurn turn)
      : bands_(std::move(bands)), band_(&first), pool_(&pool), turn_(std::move(turn)) {}

  awaitable<Status> operator()(http::StreamWriter& out) {
    for (;;) {
      if (const Status sent = co_await out.write(*band_); !sent) co_return sent;
      if (bands_->ended()) co_return Status{};
      const auto next =
          co_await http::on(*pool_, [this] { return &bands_->next(kBandBytes); }, turn_);
      if (!next) co_return fail(next.error());
      band_ = *next;
    }
  }

 private:
  std::unique_ptr<Bands> bands_;
  const std::string* band_;
  http::WorkPool* pool_;
  http::PoolTurn turn_;
};

}  // namespace

awaitable<Result<http::Response>> in_bands(http::WorkPool& pool, const http::Request& request,
                                           std::string_view content_type,
                                           std::function<Result<std::unique_ptr<Bands>>()> make) {
  std::unique_ptr<Bands> bands;
  const auto first = co_await http::on(
      pool,
      [&]() -> Result<const std::string*> {
        auto made = make();
        if (!made) return fail(made.error());
        bands = std::move(*made);
        return &bands->next(kBandBytes);
      },
      request.turn(http::PoolEntry::kContinued));
  if (!first) co_return fail(first.error());
  if (bands->ended()) co_return http::Response::bytes(**first, content_type);
  BandsBody body(std::move(bands), **first, pool, request.turn(http::PoolEntry::kContinued));
  co_return http::Response::streaming(content_type, std::move(body));
}

}  // namespace npu::kit
