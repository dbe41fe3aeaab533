// cxx.cc: what profile.sh runs under `brim profile`: blocks of new and of containers, threads, and exceptions that pass.
// Returns 4, or with an argument 0, if all of it works.
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct alignas(256) wide {
  char bytes[512];
};

static std::vector<int *> *leaked;

__attribute__((noinline)) static void leak_by_new(int i) { leaked->push_back(new int[100]{i}); }

static size_t build(unsigned seed)
{
  std::map<std::string, std::vector<unsigned>> words;
  for (unsigned i = 0; i < 2000; i++)
    words["a word that needs a block " + std::to_string(i * seed % 500)].push_back(i);
  return words.size();
}

static bool throws_for_all_memory()
{
  try {
    char *volatile none = new char[static_cast<size_t>(-1) / 4];
    delete[] none;
  } catch (const std::bad_alloc &) {
    return !new (std::nothrow) char[static_cast<size_t>(-1) / 4];
  }
  return false;
}

int main(int argc, char **)
{
  size_t sums[4] = {0, 0, 0, 0};
  std::vector<std::thread> threads;
  leaked = new std::vector<int *>;
  for (unsigned i = 0; i < 4; i++)
    threads.emplace_back([&sums, i] { sums[i] = build(i * 2 + 1); });
  for (std::thread &thread : threads)
    thread.join();
  for (int i = 0; i < 25; i++)
    leak_by_new(i);
  wide *aligned = new wide;
  volatile size_t distance = reinterpret_cast<size_t>(aligned) % 256;
  delete aligned;
  try {
    throw std::runtime_error("an exception that has a block");
  } catch (const std::exception &) {
    return distance == 0 && sums[0] == 500 && throws_for_all_memory() ? (argc > 1 ? 0 : 4) : 1;
  }
}
