// Something that clients share: places, waiting jobs, bytes of memory. How much one may have
// depends on what the others have (base/dynamic_threshold.hpp), so that there is always something
// left for one who has nothing yet.
//
//   FairShare memory(512 << 20);
//   FairShare::Part part(memory, client);
//   if (!part.grow_to(body.size())) return overloaded();
//
// Not thread safe. Outlives its parts.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "http/client_key.hpp"

namespace npu::http {

class FairShare {
 public:
  explicit FairShare(std::uint64_t capacity) : capacity_(capacity) {}

  std::uint64_t used() const { return used_; }
  std::uint64_t held_by(ClientKey client) const;
  bool fits(ClientKey client, std::uint64_t more) const;
  void take(ClientKey client, std::uint64_t amount);  // whether it fits or not
  void give_back(ClientKey client, std::uint64_t amount);

  // What one request has of it. Gives it back when it ends.
  class Part {
   public:
    Part(FairShare& of, ClientKey client) : of_(of), client_(client) {}
    ~Part() { drop(); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    ClientKey client() const { return client_; }
    std::uint64_t amount() const { return amount_; }
    // False, and nothing changed, where it does not fit.
    bool grow_to(std::uint64_t amount);
    void take(std::uint64_t amount);  // whether it fits or not
    void drop();

   private:
    FairShare& of_;
    ClientKey client_;
    std::uint64_t amount_ = 0;
  };

 private:
  std::uint64_t capacity_;
  std::uint64_t used_ = 0;
  std::unordered_map<ClientKey, std::uint64_t> held_;
};

}  // namespace npu::http
