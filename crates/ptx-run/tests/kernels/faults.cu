// Kernels that are wrong, each beside its repair.
typedef unsigned u32;
template<bool R> __device__ __forceinline__ void turn(double*x){ __shared__ double s[128]; int t=threadIdx.x; s[t]=x[t]; if(R) __syncthreads(); x[t]=s[127-t]; }
extern "C" __global__ void race(double*x){ turn<false>(x); }
extern "C" __global__ void race_fixed(double*x){ turn<true>(x); }
template<bool R> __device__ __forceinline__ void twice(double*x){ __shared__ double s[128]; int t=threadIdx.x; for(int i=0;i<2;i++){ s[t]=x[t]+i; __syncthreads(); x[t]=s[127-t]; if(R) __syncthreads(); } }
extern "C" __global__ void loop_race(double*x){ twice<false>(x); }
extern "C" __global__ void loop_race_fixed(double*x){ twice<true>(x); }
extern "C" __global__ void global_race(int*x){ int t=threadIdx.x; x[t]=t; x[(t+32)%64+64]=x[(t+32)%64]; }
template<bool R> __device__ __forceinline__ void rot(int*x){ __shared__ int s[32]; int t=threadIdx.x; s[t]=x[t]; if(R) __syncwarp(); x[t]=s[(t+1)&31]; }
extern "C" __global__ void lane_race(int*x){ rot<false>(x); }
extern "C" __global__ void lane_race_fixed(int*x){ rot<true>(x); }
extern "C" __global__ void same_word(int*x){ x[0]=threadIdx.x; }
extern "C" __global__ void same_value(int*x){ x[0]=7; }
extern "C" __global__ void bytes(unsigned char*x){ x[threadIdx.x]=(unsigned char)threadIdx.x; }
extern "C" __global__ void outside(int*x){ x[threadIdx.x]=1; }
extern "C" __global__ void crooked(char*x){ *(int*)(x+2)=1; }
extern "C" __global__ void unwritten(int*x){ __shared__ int s[64]; if(threadIdx.x<63) s[threadIdx.x]=1; __syncthreads(); x[threadIdx.x]=s[threadIdx.x]; }
extern "C" __global__ void diverged(int*x){ int t=threadIdx.x; if(t<16) x[t]=__shfl_sync(~0u,t,3); }
extern "C" __global__ void half_barrier(int*x){ int t=threadIdx.x; if(t<16) asm volatile("bar.sync 0;":::"memory"); x[t]=t; }
extern "C" __global__ void deadlock(int*x){ int t=threadIdx.x; if(t<32) asm volatile("bar.sync 1,64;":::"memory"); x[t]=t; }
extern "C" __global__ void leaves_early(int*x){ int t=threadIdx.x; if(t>=32) return; __syncthreads(); x[t]=t; }
extern "C" __global__ void zero(int*x){ x[1]=x[1]/x[0]; }
template<int W> __device__ __forceinline__ void fetch(const double*x,double*y){ __shared__ __align__(16) double s[64]; int t=threadIdx.x; s[2*t]=-1.0; s[2*t+1]=-1.0; unsigned a=(unsigned)__cvta_generic_to_shared(s+2*t);
#if __CUDA_ARCH__>=800
  asm volatile("cp.async.cg.shared.global [%0],[%1],16;"::"r"(a),"l"(x+2*t):"memory"); asm volatile("cp.async.commit_group;":::"memory"); if(W==1) asm volatile("cp.async.wait_group 0;":::"memory"); if(W==2) asm volatile("cp.async.wait_group 1;":::"memory");
#endif
  y[2*t]=s[2*t+1]; y[2*t+1]=s[2*t]; }
extern "C" __global__ void copy_unwaited(const double*x,double*y){ fetch<0>(x,y); }
extern "C" __global__ void copy_waited(const double*x,double*y){ fetch<1>(x,y); }
extern "C" __global__ void copy_short(const double*x,double*y){ fetch<2>(x,y); }
